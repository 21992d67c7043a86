const asIs = (text: string) => text

const byType: Readonly<Record<number, (text: string) => unknown>> = {
  // bool
  16: (text) => text === 't',
  // int2, int4, float4, float8
  21: Number,
  23: Number,
  700: Number,
  701: Number,
}

/**
 * How values are read from their text, in the shape that `pg` and `@neondatabase/serverless` take. Ours, since an
 * application may set others for its whole process. What is not here stays text, an int8 too; instants are selected as such.
 */
export const parsers = { getTypeParser: (type: number): ((text: string) => unknown) => byType[type] ?? asIs }

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
 * Parsers of values, in the shape that `pg` and `@neondatabase/serverless` take. The driver passes its own, since an
 * application may set others for its whole process. Types without a parser stay text. So does int8, the type of
 * selected instants.
 */
export const parsers = { getTypeParser: (type: number): ((text: string) => unknown) => byType[type] ?? asIs }

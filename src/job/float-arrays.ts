import type SuperJSON from 'superjson'

/** JSON makes null of NaN and the infinities, and 0 of −0. A number that JSON cannot hold is written as its text. */
const toJson = (number: number): number | string => {
  if (Object.is(number, -0)) return '-0'
  return Number.isFinite(number) ? number : String(number)
}

/** Teaches a serializer to keep every number of a float array. */
export function registerFloatArrays(serializer: SuperJSON): void {
  for (const Class of [Float32Array, Float64Array])
    serializer.registerCustom<Float32Array | Float64Array, (number | string)[]>(
      {
        isApplicable: (value): value is Float32Array | Float64Array => value instanceof Class,
        serialize: (numbers) => Array.from<number, number | string>(numbers, toJson),
        deserialize: (numbers) => Class.from(numbers.map(Number)),
      },
      Class.name,
    )
}

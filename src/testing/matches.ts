import type { PayloadCodec } from '../job/payload.ts'

/**
 * A payload, or a part of it: objects may lack keys, at any depth. A matcher such as `expect.any(String)` of Vitest or
 * Jest may stand in the place of any value.
 */
export type PartOf<Value> = Value extends Whole
  ? Value
  : Value extends readonly unknown[]
    ? { readonly [Index in keyof Value]: PartOf<Value[Index]> }
    : Value extends object
      ? { readonly [Key in keyof Value]?: PartOf<Value[Key]> | undefined }
      : Value

/** Types that have no parts. */
type Whole = Date | URL | RegExp | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | ArrayBufferView

/** The result of `expect.any()`, `expect.objectContaining()`, … in Vitest and Jest. */
interface Matcher {
  asymmetricMatch(value: unknown): boolean
}

/**
 * Whether a value has this part. A plain object matches when each of its keys does: the value may have more keys, and a
 * missing key is undefined. Arrays, Maps and Sets match item by item, in order and of one length; models match by their
 * ids. All other values match when both are stored alike.
 *
 * @throws PayloadError when the part has data that could never be stored
 */
export function matches(part: unknown, value: unknown, codec: PayloadCodec): boolean {
  const match = (of: unknown, within: unknown): boolean => {
    if (isMatcher(of)) return of.asymmetricMatch(within)
    if (Array.isArray(of)) return Array.isArray(within) && matchAll(of, within)
    if (of instanceof Map) return within instanceof Map && matchAll([...of], [...within])
    if (of instanceof Set) return within instanceof Set && matchAll([...of], [...within])
    if (isPlain(of))
      return (
        isPlain(within) &&
        Object.entries(of).every(([key, item]) => match(item, Object.hasOwn(within, key) ? within[key] : undefined))
      )
    return isStoredAlike(of, within)
  }
  const matchAll = (of: readonly unknown[], within: readonly unknown[]): boolean =>
    of.length === within.length && of.every((item, index) => match(item, within[index]))
  const isStoredAlike = (one: unknown, other: unknown): boolean => {
    const [first, second] = [codec.encode(one, 'expected'), codec.encode(other)]
    return first.json === second.json && first.meta === second.meta
  }
  return match(part, value)
}

function isMatcher(value: unknown): value is Matcher {
  return typeof value === 'object' && value !== null && 'asymmetricMatch' in value
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

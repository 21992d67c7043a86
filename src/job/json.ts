import { PayloadError } from '../errors.ts'
import { Findings } from './findings.ts'
import { cut } from './quote.ts'

/** `JSON.parse` gives a reviver the source text of a number: https://tc39.es/proposal-json-parse-with-source/ */
type Reviver = (this: object, key: string, value: unknown, context: { readonly source?: string }) => unknown
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown

/**
 * A number that may not fit: −0, 16 digits, or an exponent. Other texts need no reviver, which takes ten times as long.
 */
const mayNotFit = /(?:^|[\s:,[])(?:-0|-?\d[\d.]{15}|-?[\d.]+[eE])/

/**
 * Reads JSON from outside. Refuses data that would be stored as something else: bytes that are not UTF-8, and numbers
 * that a JavaScript number does not hold. −0 is read as 0.
 *
 * @param name what the value is called in errors; where it is empty, its fields are called by their own names
 * @throws SyntaxError when the text is no JSON, or not UTF-8
 * @throws PayloadError naming each number that does not fit
 */
export function readJson(given: string | Uint8Array, name: string): unknown {
  const text = typeof given === 'string' ? given : decode(given)
  return mayNotFit.test(text) ? parseExactly(text, name) : parse(text)
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new SyntaxError('it is not UTF-8', { cause: error })
  }
}

interface Lost {
  path: string
  readonly source: string
}

function parseExactly(text: string, name: string): unknown {
  const lost = new Findings<Lost>()
  // A reviver reads parts before the whole, so the path of a number grows from its end.
  const inside = new Map<unknown, readonly Lost[]>()
  const value = revived(text, name, function (key, part, { source = '' }) {
    let found = inside.get(part) ?? []
    if (typeof part === 'number' && !fits(part, source)) {
      const number = { path: '', source }
      lost.add([number])
      if (lost.more === 0) found = [number]
    }
    for (const each of found) each.path = (Array.isArray(this) ? `[${key}]` : `.${key}`) + each.path
    if (found.length > 0) inside.set(this, [...(inside.get(this) ?? []), ...found])
    return part === 0 ? 0 : part
  })
  if (lost.first.length === 0) return value
  // The whole is itself a part, under an empty name.
  const issues = lost.first.map(({ path, source }) => ({
    path: `${name}${path.slice(1)}`.replace(/^\./, ''),
    message: `${cut(source, 100)} does not fit into a number; send it as a text`,
  }))
  throw new PayloadError(issues, lost.more)
}

/** A reviver is called recursively, so deep nesting exhausts the stack. */
function revived(text: string, name: string, reviver: Reviver): unknown {
  try {
    return parse(text, reviver)
  } catch (error) {
    if (error instanceof RangeError) throw new PayloadError([{ path: name, message: 'is nested too deep' }])
    throw error
  }
}

/**
 * Whether a number is its source: written in the shortest form, as other programs write it, or with as many digits as
 * the source has. (The two differ where the digits cut off are just a half: 1713376380759314.2 is 1713376380759314.25.)
 */
function fits(number: number, source: string): boolean {
  // `toPrecision` takes 100 digits at most; the rest is room for a point, leading zeros, and an exponent.
  if (source.length > 120) return false
  const digits = digitsOf(source)
  if (digits === '') return true
  return (
    Number.isFinite(number) &&
    [String(number), number.toPrecision(digits.length)].some((text) => digitsOf(text) === digits)
  )
}

/** The digits of a number without the zeros that only place its point. */
const digitsOf = (number: string): string =>
  number.replace(/e.*$/i, '').replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')

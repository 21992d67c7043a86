import { quote } from '../job/quote.ts'
import type { Issue } from '../job/issue.ts'

const aliases: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@minutely': '* * * * *',
  '@weekdays': '0 0 * * 1-5',
  '@weekends': '0 0 * * 0,6',
}

interface Field {
  readonly name: string
  readonly first: number
  readonly last: number
  /** The longest step. */
  readonly values: number
  /** Names of its values, in their order. */
  readonly names: readonly string[]
  /** Forms beside values, ranges and steps. */
  readonly also: RegExp | null
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const days = 'sun mon tue wed thu fri sat'.split(' ')

/** The five fields of an expression, in order. */
export const fields: readonly Field[] = [
  { name: 'minute', first: 0, last: 59, values: 60, names: [], also: null },
  { name: 'hour', first: 0, last: 23, values: 24, names: [], also: null },
  { name: 'day of month', first: 1, last: 31, values: 31, names: [], also: /^L$/i },
  { name: 'month', first: 1, last: 12, values: 12, names: months, also: null },
  // Sunday has two numbers. `5L` is the last Friday of the month, `1#2` the second Monday.
  { name: 'day of week', first: 0, last: 7, values: 7, names: days, also: /^(?:\w+)?L$|^\w+#[1-5]$/i },
]

/** `*`, `?`, a value, or a range of them, with a step perhaps. */
const part = /^(?:[*?]|(?<from>\w+?)(?:-(?<to>\w+))?)(?:\/(?<step>\d+))?$/

/**
 * Reads the five fields of an expression, or of its alias. What the fields mean together is `readCron`'s to say: a
 * definition, which is in every bundle, does without cron-parser.
 *
 * @returns a text if something is wrong with them: the problem
 */
export function readCronFields(expression: unknown): readonly string[] | string {
  if (typeof expression !== 'string') return 'use a text of five fields, as in "0 10 * * *"'
  const text = aliases[expression.trim().toLowerCase()] ?? expression.trim()
  if (text.startsWith('@')) return `there is no such alias; there are ${Object.keys(aliases).join(', ')}`
  const given = text.split(/\s+/)
  if (given.length !== 5) return countProblem(given)
  for (const [index, field] of fields.entries()) {
    const value = given[index] as string
    const problem = fieldProblem(value, field)
    if (problem !== null) return `the ${field.name} "${value}": ${problem}`
  }
  return given
}

/** An issue of an expression, by its value. */
export const cronIssue = (expression: unknown, problem: string): Issue => ({
  path: 'schedule',
  message: `${expression === undefined ? 'missing' : quote(expression)}; ${problem}`,
})

/** Says what is wrong with a field by itself; null when nothing is. */
function fieldProblem(text: string, field: Field): string | null {
  for (const each of text.split(',')) {
    const problem = partProblem(each, field)
    if (problem !== null) return problem
  }
  return null
}

function partProblem(text: string, { first, last, values, names, also }: Field): string | null {
  const numberOf = (value: string): number =>
    /^\d+$/.test(value) ? Number(value) : first + names.indexOf(value.toLowerCase())
  const isValue = (value: string) => /^\d+$/.test(value) || names.includes(value.toLowerCase())
  const special = also?.test(text) === true
  const { from, to, step } = (special ? /^(?<from>\w*?)(?:L|#\d)$/i : part).exec(text)?.groups ?? {}
  const given = [from, to].filter((value) => value !== undefined && value !== '') as string[]
  const isRead = special || part.test(text)
  if (!isRead || !given.every(isValue))
    return `${quote(text)} cannot be read; use a number, a range as in 1-5, a list as in 1,3, or a step as in */5`
  const outside = given.map(numberOf).find((number) => number < first || number > last)
  if (outside !== undefined) return `${outside} is out of range; use ${first} to ${last}`
  if (from !== undefined && to !== undefined && numberOf(from) > numberOf(to))
    return `the range ${from}-${to} ends before it begins`
  if (step !== undefined && Number(step) === 0) return 'a step of 0; use 1 or more'
  if (Number(step) > values) return `a step of ${step}, of only ${values}; it would not mean what it says`
  return null
}

/** Says what to use where there are not five fields. */
function countProblem(given: readonly string[]): string {
  const { length } = given
  const fits = (from: number) => `"${given.slice(from, from + 5).join(' ')}"`
  if (length === 6)
    return `six fields: some programs read the first as seconds, others the last as a year. Use five: without seconds ${fits(1)}, or without a year ${fits(0)}`
  if (length === 7) return `seven fields: seconds first, and a year last. Use five, without them: ${fits(1)}`
  return `${given[0] === '' ? 'no fields' : length === 1 ? '1 field' : `${length} fields`}; use five: minute, hour, day of month, month, day of week`
}

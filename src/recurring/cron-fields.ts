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

/** The five fields, and the first and last number of each. */
export const fields = [
  { name: 'minute', first: 0, last: 59, values: 60 },
  { name: 'hour', first: 0, last: 23, values: 24 },
  { name: 'day of month', first: 1, last: 31, values: 31 },
  { name: 'month', first: 1, last: 12, values: 12 },
  // Sunday has two numbers.
  { name: 'day of week', first: 0, last: 7, values: 7 },
] as const

/** `*`, `?`, `L`, or a number or name, or a range of them, with a step perhaps; `5L` and `1#2` of days of the week. */
const part = /^(?:[*?](?:\/\d+)?|L|(?:\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?(?:\/\d+)?|(?:\d|[a-z]{3})(?:L|#\d))$/i

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
function fieldProblem(field: string, { first, last, values }: (typeof fields)[number]): string | null {
  const unread = field.split(',').find((each) => !part.test(each))
  if (unread !== undefined)
    return `${quote(unread)} cannot be read; use a number, a range as in 1-5, a list as in 1,3, or a step as in */5`
  // Behind a slash is a step, behind a # which of the month's weeks.
  const outside = numbersOf(field, /(?<![/#\d])\d+/g).find((number) => number < first || number > last)
  if (outside !== undefined) return `${outside} is out of range; use ${first} to ${last}`
  const step = numbersOf(field, /(?<=\/)\d+/g).find((number) => number > values)
  return step === undefined ? null : `a step of ${step}, of only ${values}; it would not mean what it says`
}

const numbersOf = (text: string, pattern: RegExp): number[] => text.match(pattern)?.map(Number) ?? []

/** Says what to use where there are not five fields. */
function countProblem(given: readonly string[]): string {
  const { length } = given
  const fits = (from: number) => `"${given.slice(from, from + 5).join(' ')}"`
  if (length === 6)
    return `six fields: some programs read the first as seconds, others the last as a year. Use five: without seconds ${fits(1)}, or without a year ${fits(0)}`
  if (length === 7) return `seven fields: seconds first, and a year last. Use five, without them: ${fits(1)}`
  return `${given[0] === '' ? 'no fields' : length === 1 ? '1 field' : `${length} fields`}; use five: minute, hour, day of month, month, day of week`
}

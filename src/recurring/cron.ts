import { type CronExpression, CronExpressionParser } from 'cron-parser'
import { quote } from '../job/quote.ts'

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

/** The number of values of each field: a step that is longer would not mean what it says. */
const fields = [
  { name: 'minute', values: 60 },
  { name: 'hour', values: 24 },
  { name: 'day of month', values: 31 },
  { name: 'month', values: 12 },
  { name: 'day of week', values: 7 },
] as const

/** `*`, `?`, `L`, or a number or name, or a range of them, with a step perhaps; `5L` and `1#2` of days of the week. */
const part = /^(?:[*?](?:\/\d+)?|L|(?:\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?(?:\/\d+)?|(?:\d|[a-z]{3})(?:L|#\d))$/i

/** The start of the search that shows whether an expression has an occurrence at all: 2000-01-01. */
const sometime = 946_684_800_000

/**
 * Reads five fields, or an alias. cron-parser takes much that makes no sense.
 *
 * @returns a text if something is wrong with them: the problem
 */
export function readCron(expression: unknown): CronExpression | string {
  if (typeof expression !== 'string') return 'use a text of five fields, as in "0 10 * * *"'
  const text = aliases[expression.trim().toLowerCase()] ?? expression.trim()
  if (text.startsWith('@')) return `there is no such alias; there are ${Object.keys(aliases).join(', ')}`
  const given = text.split(/\s+/)
  if (given.length !== 5) return countProblem(given)
  for (const [index, { name, values }] of fields.entries()) {
    const field = given[index] as string
    const problem = fieldProblem(field, values)
    if (problem !== null) return `the ${name} "${field}": ${problem}`
  }
  const cron = parsed(given)
  if (typeof cron !== 'string') return cron
  for (const [index, { name }] of fields.entries()) {
    const field = given[index] as string
    const alone = parsed(fields.map((_, at) => (at === index ? field : '*')))
    if (typeof alone === 'string') return `the ${name} "${field}": ${alone}`
  }
  return cron
}

/** Says what is wrong with a field, whatever cron-parser makes of it; null when nothing is. */
function fieldProblem(field: string, values: number): string | null {
  const unread = field.split(',').find((each) => !part.test(each))
  if (unread !== undefined)
    return `${quote(unread)} cannot be read; use a number, a range as in 1-5, a list as in 1,3, or a step as in */5`
  const step = [...field.matchAll(/\/(\d+)/g)].find(([, each]) => Number(each) > values)?.[1]
  return step === undefined ? null : `a step of ${step}, of only ${values}; it would not mean what it says`
}

/** Parses five fields by cron-parser. A text: its objection, or that the fields never come. */
function parsed(given: readonly string[]): CronExpression | string {
  try {
    const cron = CronExpressionParser.parse(given.join(' '), { tz: 'UTC', currentDate: sometime })
    cron.next()
    return cron
  } catch (error) {
    const { message } = error as Error
    return message.startsWith('Invalid explicit day of month') ? 'there is no such day in these months' : message
  }
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

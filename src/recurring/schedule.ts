import { type CronExpression, CronExpressionParser } from 'cron-parser'
import { Zone, zoneProblem } from './zone.ts'

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

/** How many values each field has: a longer step would mean something else than it says. */
const fields = [
  ['minute', 60],
  ['hour', 24],
  ['day of month', 31],
  ['month', 12],
  ['day of week', 7],
] as const

/** When an expression is tried, to see whether it has an occurrence at all: 2000-01-01. */
const sometime = 946_684_800_000

/**
 * When a recurring task occurs: the times of a cron expression, by the clocks of a time zone. Where they are changed:
 * - A time that they are set forward over occurs once, as much later as they were set forward: when it would have come by
 *   the old time (RFC 5545, 3.3.5). If the schedule has that instant anyway, it is one occurrence.
 * - A time that they show twice occurs the first time. Where the schedule is of every hour, it occurs both times.
 *
 * cron-parser steps through local times only, where nothing is ever skipped or repeated: by itself it loses occurrences
 * near shifts of half an hour, or finds no more of them at all (`0 2 * * *` on Lord Howe).
 */
export class Schedule {
  readonly #cron: CronExpression
  readonly #zone: Zone
  readonly #isOfEveryHour: boolean

  constructor(cron: CronExpression, zone: Zone) {
    this.#cron = cron
    this.#zone = zone
    this.#isOfEveryHour = cron.fields.hour.values.length === 24
  }

  /** The first occurrence after an instant; both in milliseconds since 1970. */
  next(after: number): number {
    let first = Number.POSITIVE_INFINITY
    this.#cron.reset(new Date(this.#zone.localFloor(after)))
    for (;;) {
      const local = this.#cron.next().getTime()
      const { before, after: later } = this.#zone.offsetsAround(local)
      // Near a change, a later local time may be an earlier instant, but not earlier than this.
      if (local - Math.max(before, later) >= first) return first
      for (const instant of this.#occurrencesAt(local, before)) if (instant > after && instant < first) first = instant
      if (before === later && first < Number.POSITIVE_INFINITY) return first
    }
  }

  #occurrencesAt(local: number, offsetBefore: number): readonly number[] {
    const instants = this.#zone.instantsOf(local)
    if (instants.length === 0) return [local - offsetBefore]
    return this.#isOfEveryHour ? instants : instants.slice(0, 1)
  }
}

/**
 * Reads a cron expression of five fields, or an alias.
 *
 * @param problems what is wrong with it, or with the time zone, is added to these
 * @returns null when something is
 */
export function readSchedule(expression: unknown, timeZone: unknown, problems: string[]): Schedule | null {
  const cron = readCron(expression)
  if (typeof cron === 'string') problems.push(`schedule: ${JSON.stringify(expression) ?? 'missing'}; ${cron}`)
  const problem = zoneProblem(timeZone, 'timeZone')
  if (problem) problems.push(problem)
  return typeof cron === 'string' || problem ? null : new Schedule(cron, new Zone(timeZone as string))
}

/** The expression, or what is wrong with it. cron-parser takes much that nobody can have meant. */
function readCron(expression: unknown): CronExpression | string {
  if (typeof expression !== 'string') return 'use a text of five fields, as in "0 10 * * *"'
  const text = aliases[expression.trim().toLowerCase()] ?? expression.trim()
  if (text.startsWith('@')) return `there is no such alias; there are ${Object.keys(aliases).join(', ')}`
  const given = text.split(/\s+/)
  if (given.length !== 5) return countProblem(given)
  for (const [index, [name, values]] of fields.entries()) {
    const field = given[index] as string
    if (/(^|,)h/i.test(field)) return `the ${name} "${field}": "H" is not known; use a number`
    for (const [, step] of field.matchAll(/\/(\d+)/g))
      if (Number(step) > values)
        return `the ${name} "${field}" has a step of ${step}, but there are only ${values}; it would not mean what it says`
  }
  try {
    const cron = CronExpressionParser.parse(text, { tz: 'UTC', currentDate: sometime })
    cron.next()
    return cron
  } catch (error) {
    return (error as Error).message
  }
}

function countProblem(given: readonly string[]): string {
  const { length } = given
  const fits = (from: number) => `"${given.slice(from, from + 5).join(' ')}"`
  if (length === 6)
    return `six fields: some programs read the first as seconds, others the last as a year. Use five: without seconds ${fits(1)}, or without a year ${fits(0)}`
  if (length === 7) return `seven fields: seconds first, and a year last. Use five, without them: ${fits(1)}`
  return `${given[0] === '' ? 'no fields' : length === 1 ? '1 field' : `${length} fields`}; use five: minute, hour, day of month, month, day of week`
}

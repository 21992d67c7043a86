import type { CronExpression } from 'cron-parser'
import { ConfigurationError } from '../errors.ts'
import { quote } from '../job/quote.ts'
import { cronIssue } from './cron-fields.ts'
import { readCron } from './cron.ts'
import type { NewRecurringTask, Planned } from './recurring-task.ts'
import { timeZoneIssue } from './time-zone.ts'
import { type LocalTime, type Offsets, Zone } from './zone.ts'
import { type Issue, issueWithin } from '../job/issue.ts'

/**
 * The times at which a recurring task occurs: those of a cron expression, by the clocks of a time zone. When the clocks
 * change:
 * - A time that the clocks skip occurs once, later by as much as they were set forward: when it would have come by the
 *   old offset (RFC 5545, 3.3.5). If the schedule has that instant anyway, it is one occurrence.
 * - A time that the clocks show twice occurs the first time. If the schedule is of every hour, it occurs both times.
 *
 * cron-parser steps through local times only, where no time is skipped or repeated. With a time zone of its own, it
 * loses occurrences near shifts of half an hour, or finds no more of them at all (`0 2 * * *` on Lord Howe).
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
      const around = this.#zone.offsetsAround(local)
      // Near a change, a later local time may be an earlier instant, but not earlier than this.
      if (local - Math.max(around.before, around.after) >= first) return first
      for (const instant of this.#occurrencesAt(local, around)) if (instant > after && instant < first) first = instant
      if (around.before === around.after && first < Number.POSITIVE_INFINITY) return first
    }
  }

  #occurrencesAt(local: LocalTime, around: Offsets): readonly number[] {
    const instants = this.#zone.instantsOf(local, around)
    if (instants.length === 0) return [local - around.before]
    return this.#isOfEveryHour ? instants : instants.slice(0, 1)
  }
}

/**
 * Reads a cron expression of five fields, or an alias, for the clocks of a time zone.
 *
 * @param issues gets the issues of the expression and of the time zone
 * @returns null when there is a problem
 */
export function readSchedule(expression: unknown, timeZone: unknown, issues: Issue[]): Schedule | null {
  const cron = readCron(expression)
  if (typeof cron === 'string') issues.push(cronIssue(expression, cron))
  const issue = timeZoneIssue(timeZone)
  if (issue) issues.push(issue)
  return typeof cron === 'string' || issue ? null : new Schedule(cron, new Zone(timeZone as string))
}

/**
 * The next occurrence of a recurring task after an instant.
 *
 * @throws ConfigurationError when this machine cannot read the stored schedule or time zone
 */
export function nextOf(
  { key, schedule, timeZone }: Pick<NewRecurringTask, 'key' | 'schedule' | 'timeZone'>,
  after: Date,
): Date {
  const issues: Issue[] = []
  const read = readSchedule(schedule, timeZone, issues)
  if (!read) throw new ConfigurationError(`The recurring task "${key}"`, issues)
  return new Date(read.next(after.getTime()))
}

/** Static recurring tasks, and when each occurs next. */
export const plannedAt = (now: Date, tasks: readonly NewRecurringTask[]): Planned[] =>
  tasks.map((task) => ({ task, next: nextOf(task, now) }))

/**
 * Checks the schedules of static recurring tasks. The definition has checked each field alone: it is in bundles
 * that only enqueue, and cron-parser is not.
 *
 * @throws ConfigurationError listing everything that is wrong
 */
export function checkSchedules(tasks: readonly NewRecurringTask[]): void {
  const issues = tasks.flatMap(({ key, schedule, timeZone }) => {
    const found: Issue[] = []
    readSchedule(schedule, timeZone, found)
    return found.map((issue) => issueWithin(`recurring[${quote(key)}]`, issue))
  })
  if (issues.length > 0) throw new ConfigurationError('The queue', issues)
}

import { ConfigurationError } from '../errors.ts'
import { isJobId } from '../job/job-id.ts'
import type { JobState } from '../job/job.ts'
import { cut, quote } from '../job/quote.ts'
import { isStorable } from '../job/storable.ts'
import { type Cursor, isCursor, type Meant } from '../transitions/page.ts'

/** A filter of jobs. All that is given must hold; nothing: every job of the state. */
export interface JobFilter {
  readonly queue?: string
  readonly task?: string
  /** Failures of the same kind, as `failures()` gives it: of failed jobs only. */
  readonly fingerprint?: string
  /** The key of the recurring task that enqueued them. */
  readonly recurring?: string
  /** Enqueued then or later. */
  readonly enqueuedSince?: Date
  /** Enqueued before then. */
  readonly enqueuedUntil?: Date
}

/** The same, or jobs by their ids. */
export interface JobSelection extends JobFilter {
  /** These jobs, 1,000 at most; a job in another state is left alone. Give them without the filter. */
  readonly ids?: readonly string[]
}

/** The bounds of one call. */
export interface BulkOptions {
  /** The most jobs that are read, 1 to 1,000. Default 1,000. */
  readonly max?: number
  /**
   * The `continuation` of the call before. Its instants hold beside the instants of this call: the narrower of both.
   * Null (default): from the beginning.
   */
  readonly continuation?: string | null
  /** Counts the jobs that would be moved, and moves none. Default false. */
  readonly dryRun?: boolean
}

/** The result of one call. */
export interface Bulk {
  /** Jobs that were moved; with `dryRun`: jobs that would be. */
  readonly count: number
  /** Give it to the next call: more jobs may remain. Null: none remain. */
  readonly continuation: string | null
}

/** A selection and its bounds, checked. */
export interface Selected {
  readonly meant: Meant
  /** Null: `meant` selects the jobs. */
  readonly ids: readonly string[] | null
  readonly max: number
  /** Where the call before ended; null: this is the first. */
  readonly after: Place | null
}

/** Where a call ended, and when the first one began. */
export interface Place {
  readonly cursor: Cursor
  /** By the database's clock, in milliseconds since 1970; null where it does not matter. */
  readonly began: number | null
}

export const maxPerCall = 1000

const states: readonly JobState[] = ['scheduled', 'ready', 'blocked', 'claimed', 'finished', 'failed']

/** @throws ConfigurationError listing everything that is wrong */
export function readSelection(
  state: JobState,
  { ids, queue, task, fingerprint, recurring, enqueuedSince, enqueuedUntil, ...unknown }: JobSelection,
  { max = maxPerCall, continuation = null }: Pick<BulkOptions, 'max' | 'continuation'>,
): Selected {
  const problems = Object.keys(unknown).map(
    (name) =>
      `${cut(name, 100)}: is not known; there are ids, queue, task, fingerprint, recurring, enqueuedSince and enqueuedUntil`,
  )
  if (!states.includes(state)) problems.push(`state: ${quote(state)}; use one of ${states.join(', ')}`)
  const filters = { queue, task, fingerprint, recurring, enqueuedSince, enqueuedUntil }
  if (ids && Object.values(filters).some((filter) => filter !== undefined))
    problems.push('ids: give them alone; jobs of these ids are moved whatever their queue and task')
  if (ids !== undefined && !Array.isArray(ids)) problems.push(`ids: ${quote(ids)}; use an array of job ids`)
  else {
    if (ids && ids.length > maxPerCall) problems.push(`ids: ${ids.length}; give at most ${maxPerCall} a call`)
    for (const id of ids ?? []) if (!isJobId(id)) problems.push(`ids: ${quote(id)} is no UUID`)
  }
  for (const name of ['queue', 'task', 'fingerprint', 'recurring'] as const) {
    const value: unknown = filters[name]
    if (value !== undefined && !(typeof value === 'string' && isStorable(value)))
      problems.push(`${name}: ${quote(value)}; use its name`)
  }
  if (fingerprint !== undefined && state !== 'failed')
    problems.push(`fingerprint: only what has failed has one; the state is ${state}`)
  for (const name of ['enqueuedSince', 'enqueuedUntil'] as const) {
    const value: unknown = filters[name]
    if (value !== undefined && !(value instanceof Date && !Number.isNaN(value.getTime())))
      problems.push(`${name}: ${quote(value)}; use a valid Date`)
  }
  if (!Number.isInteger(max) || max < 1 || max > maxPerCall)
    problems.push(`max: ${quote(max)}; use a whole number from 1 to ${maxPerCall}`)
  if (problems.length > 0) throw new ConfigurationError('The selection of jobs', problems)
  const meant: Meant = {
    state,
    queue: queue ?? null,
    task: task ?? null,
    fingerprint: fingerprint ?? null,
    recurring: recurring ?? null,
    since: boundOf(enqueuedSince),
    until: boundOf(enqueuedUntil),
  }
  const unique = ids ? [...new Set(ids.map((id) => id.toLowerCase()))] : null
  if (continuation === null) return { meant, ids: unique, max, after: null }
  const { since, until, ...after } = placeOf(meant, continuation)
  const bounds = { since: narrower(Math.max, meant.since, since), until: narrower(Math.min, meant.until, until) }
  return { meant: { ...meant, ...bounds }, ids: unique, max, after }
}

/** No job is enqueued outside of these years, and some databases know no instant outside of them. */
const [firstMs, lastMs] = [0, 253_402_300_799_999]

const boundOf = (instant: Date | undefined): number | null =>
  instant === undefined ? null : Math.min(Math.max(instant.getTime(), firstMs), lastMs)

/** The narrower of two bounds: no continuation widens the call's own. Null: no bound. */
function narrower(of: (...bounds: number[]) => number, one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : of(one, other)
}

/** A continuation has the selection, the end of its last page, and the instant when its first call began. */
export const continuationOf = (meant: Meant, next: Cursor | null, began: number | null = null): string | null =>
  next === null ? null : JSON.stringify([Object.values(meant), next, began])

/**
 * Reads a continuation, with the instants of the call that it continues: "older than a day" stays where it was.
 *
 * @throws ConfigurationError when it is of other jobs, or no continuation at all
 */
function placeOf(meant: Meant, continuation: string): Place & Pick<Meant, 'since' | 'until'> {
  try {
    const [[state, queue, task, fingerprint, recurring, since, until], cursor, began] = JSON.parse(continuation) as [
      [...unknown[]],
      unknown,
      unknown,
    ]
    const fits =
      state === meant.state &&
      queue === meant.queue &&
      task === meant.task &&
      fingerprint === meant.fingerprint &&
      recurring === meant.recurring
    if (fits && isCursor(cursor, meant) && isMs(since) && isMs(until) && isMs(began))
      return { cursor, began, since, until }
  } catch {
    // No JSON, or of another shape.
  }
  throw new ConfigurationError('The selection of jobs', [
    'continuation: it is not what a call for the same jobs returned',
  ])
}

const isMs = (value: unknown): value is number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= firstMs && (value as number) <= lastMs)

import { ConfigurationError } from '../errors.ts'
import { isJobId } from '../job/job-id.ts'
import type { JobState } from '../job/job.ts'
import { cut, quote } from '../job/quote.ts'
import { isStorable } from '../job/storable.ts'
import { type Cursor, isCursor, type Meant } from '../transitions/page.ts'
import type { Issue } from '../job/issue.ts'

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

/** The bounds of a change of many jobs. */
export interface BulkOptions {
  /** The most jobs that are changed. Default: no limit. */
  readonly limit?: number | undefined
  /** Aborted: no further batch is begun, and the result says where to go on. */
  readonly signal?: AbortSignal | undefined
  /**
   * The `next` of the call before. Its instants hold beside the instants of this call: the narrower of both. Null
   * (default): from the beginning.
   */
  readonly after?: string | null | undefined
  /** Counts the jobs that would be changed, and changes none. Default false. */
  readonly dryRun?: boolean | undefined
}

/** The result of a change of many jobs. */
export interface Bulk {
  /** Jobs that were changed; with `dryRun`: jobs that would be. */
  readonly count: number
  /** Give it to the next call as `after`, where `limit` or `signal` ended this one. Null: no job remains. */
  readonly next: string | null
}

/** A selection, checked. */
interface Selected {
  readonly meant: Meant
  /** Null: `meant` selects the jobs. */
  readonly ids: readonly string[] | null
  /** The end of the call before; null: this is the first. */
  readonly after: Position | null
}

/** The end of a call, and when the first one began. */
export interface Position {
  readonly cursor: Cursor
  /** By the database's clock, in milliseconds since 1970; null where it does not matter. */
  readonly began: number | null
}

const idsMax = 1000
const pageMax = 1000

const states: readonly JobState[] = ['scheduled', 'ready', 'blocked', 'claimed', 'finished', 'failed']

/** Says what is wrong with the limit of a change of many jobs. */
export const limitIssues = (limit: number | undefined): Issue[] =>
  limit === undefined || (Number.isInteger(limit) && limit >= 1)
    ? []
    : [{ path: 'limit', message: `${quote(limit)}; use a whole number from 1` }]

/**
 * Reads the selection and the bounds of a change.
 *
 * @throws ConfigurationError listing everything that is wrong
 */
export function readBulk(
  state: JobState,
  selection: JobSelection,
  { limit, after = null }: Pick<BulkOptions, 'limit' | 'after'>,
): Selected & { readonly limit: number } {
  const issues = limitIssues(limit)
  // A value that got lost on the way here must not make the change one of all jobs.
  for (const [name, value] of Object.entries(selection))
    if (value === undefined) issues.push({ path: name, message: 'undefined; leave it out where jobs of any are meant' })
  if (selection.ids && (limit !== undefined || after !== null))
    issues.push({ path: 'ids', message: 'give neither `limit` nor `after` with them' })
  return { ...readSelection(state, selection, after, issues), limit: limit ?? Number.POSITIVE_INFINITY }
}

/**
 * Reads the filter and the bounds of a page.
 *
 * @throws ConfigurationError listing everything that is wrong
 */
export function readList(
  state: JobState,
  filter: JobFilter,
  { limit, after }: { limit: number; after: string | null },
): Selected & { readonly limit: number } {
  const isFit = Number.isInteger(limit) && limit >= 1 && limit <= pageMax
  const issues: Issue[] = isFit
    ? []
    : [{ path: 'limit', message: `${quote(limit)}; use a whole number from 1 to ${pageMax}` }]
  return { ...readSelection(state, filter, after, issues), limit }
}

/** @throws ConfigurationError listing everything that is wrong, `issues` included */
function readSelection(
  state: JobState,
  { ids, queue, task, fingerprint, recurring, enqueuedSince, enqueuedUntil, ...unknown }: JobSelection,
  after: string | null,
  issues: Issue[],
): Selected {
  for (const name of Object.keys(unknown))
    issues.push({
      path: cut(name, 100),
      message: 'is not known; there are ids, queue, task, fingerprint, recurring, enqueuedSince and enqueuedUntil',
    })
  if (!states.includes(state))
    issues.push({ path: 'state', message: `${quote(state)}; use one of ${states.join(', ')}` })
  const filters = { queue, task, fingerprint, recurring, enqueuedSince, enqueuedUntil }
  if (ids && Object.values(filters).some((filter) => filter !== undefined))
    issues.push({ path: 'ids', message: 'give them alone; jobs of these ids are moved whatever their queue and task' })
  if (ids !== undefined && !Array.isArray(ids))
    issues.push({ path: 'ids', message: `${quote(ids)}; use an array of job ids` })
  else {
    if (ids && ids.length > idsMax)
      issues.push({ path: 'ids', message: `${ids.length}; give at most ${idsMax} a call` })
    for (const id of ids ?? []) if (!isJobId(id)) issues.push({ path: 'ids', message: `${quote(id)} is no UUID` })
  }
  for (const name of ['queue', 'task', 'fingerprint', 'recurring'] as const) {
    const value: unknown = filters[name]
    if (value !== undefined && !(typeof value === 'string' && isStorable(value)))
      issues.push({ path: name, message: `${quote(value)}; use its name` })
  }
  if (fingerprint !== undefined && state !== 'failed')
    issues.push({ path: 'fingerprint', message: `only what has failed has one; the state is ${state}` })
  for (const name of ['enqueuedSince', 'enqueuedUntil'] as const) {
    const value: unknown = filters[name]
    if (value !== undefined && !(value instanceof Date && !Number.isNaN(value.getTime())))
      issues.push({ path: name, message: `${quote(value)}; use a valid Date` })
  }
  if (issues.length > 0) throw new ConfigurationError('The selection of jobs', issues)
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
  if (after === null) return { meant, ids: unique, after: null }
  const { since, until, ...position } = positionOf(meant, after)
  const bounds = { since: narrower(Math.max, meant.since, since), until: narrower(Math.min, meant.until, until) }
  return { meant: { ...meant, ...bounds }, ids: unique, after: position }
}

/** No job is enqueued outside of these years, and some databases know no instant outside of them. */
const [firstMs, lastMs] = [0, 253_402_300_799_999]

const boundOf = (instant: Date | undefined): number | null =>
  instant === undefined ? null : Math.min(Math.max(instant.getTime(), firstMs), lastMs)

/** The narrower of two bounds: no `after` widens the call's own. Null: no bound. */
function narrower(of: (...bounds: number[]) => number, one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : of(one, other)
}

/** The `next` of a page: the selection, the end of the page, and the instant when the first call began. */
export const nextPosition = (meant: Meant, cursor: Cursor | null, began: number | null = null): string | null =>
  cursor === null ? null : JSON.stringify([Object.values(meant), cursor, began])

/**
 * Reads a `next`, with the instants of the call that gave it: "older than a day" stays where it was.
 *
 * @throws ConfigurationError when it is of other jobs, or no call gave it
 */
function positionOf(meant: Meant, after: string): Position & Pick<Meant, 'since' | 'until'> {
  try {
    const [[state, queue, task, fingerprint, recurring, since, until], cursor, began] = JSON.parse(after) as [
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
    { path: 'after', message: 'it is not the `next` of a call for the same jobs' },
  ])
}

const isMs = (value: unknown): value is number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= firstMs && (value as number) <= lastMs)

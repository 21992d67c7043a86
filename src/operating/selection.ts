import { ConfigurationError } from '../errors.ts'
import { isJobId } from '../job/job-id.ts'
import type { JobState } from '../job/job.ts'
import { type Cursor, keysOf, type Meant } from '../transitions/page.ts'

/** Which jobs are meant. What is given must all hold; nothing: every job of the state. */
export interface JobFilter {
  readonly queue?: string
  readonly task?: string
  /** What failed alike, as `failures()` gives it: of failed jobs only. */
  readonly fingerprint?: string
  /** Enqueued then or later. */
  readonly enqueuedSince?: Date
  /** Enqueued before then. */
  readonly enqueuedUntil?: Date
}

/** The same, or jobs by their ids. */
export interface JobSelection extends JobFilter {
  /** These jobs, 1,000 at most; whatever of them is in another state is left alone. Without the others. */
  readonly ids?: readonly string[]
}

/** How much one call does. */
export interface BulkOptions {
  /** Jobs that are looked at, 1 to 1,000. Default 1,000. */
  readonly max?: number
  /** Where the call before ended, as it said. Null, as the default: from the beginning. */
  readonly continuation?: string | null
  /** Counts what would be moved, and moves nothing. Default false. */
  readonly dryRun?: boolean
}

/** What one call did. */
export interface Bulk {
  /** Jobs that were moved; with `dryRun`: that would be. */
  readonly count: number
  /** Give it to the next call: more may remain. Null: none do. */
  readonly continuation: string | null
}

/** A selection and its bounds, checked. */
export interface Selected {
  readonly meant: Meant
  /** Null: by what is meant. */
  readonly ids: readonly string[] | null
  readonly max: number
  readonly after: Cursor | null
}

export const maxPerCall = 1000

const states: readonly JobState[] = ['scheduled', 'ready', 'blocked', 'claimed', 'finished', 'failed']

/** @throws ConfigurationError listing everything that is wrong */
export function readSelection(
  state: JobState,
  { ids, queue, task, fingerprint, enqueuedSince, enqueuedUntil }: JobSelection,
  { max = maxPerCall, continuation = null }: Pick<BulkOptions, 'max' | 'continuation'>,
): Selected {
  const problems: string[] = []
  if (!states.includes(state)) problems.push(`state: "${state}"; use one of ${states.join(', ')}`)
  const filters = { queue, task, fingerprint, enqueuedSince, enqueuedUntil }
  if (ids && Object.values(filters).some((filter) => filter !== undefined))
    problems.push('ids: give them alone; jobs of these ids are moved whatever their queue and task')
  if (ids && ids.length > maxPerCall) problems.push(`ids: ${ids.length}; give at most ${maxPerCall} a call`)
  for (const id of ids ?? []) if (!isJobId(id)) problems.push(`ids: ${JSON.stringify(id)} is no UUID`)
  for (const name of ['queue', 'task', 'fingerprint'] as const) {
    const value: unknown = filters[name]
    if (value !== undefined && typeof value !== 'string')
      problems.push(`${name}: ${JSON.stringify(value)}; use its name`)
  }
  if (fingerprint !== undefined && state !== 'failed')
    problems.push(`fingerprint: only what has failed has one; the state is ${state}`)
  for (const name of ['enqueuedSince', 'enqueuedUntil'] as const) {
    const value: unknown = filters[name]
    if (value !== undefined && !(value instanceof Date && !Number.isNaN(value.getTime())))
      problems.push(`${name}: ${String(value)}; use a valid Date`)
  }
  if (!Number.isInteger(max) || max < 1 || max > maxPerCall)
    problems.push(`max: ${String(max)}; use a whole number from 1 to ${maxPerCall}`)
  if (problems.length > 0) throw new ConfigurationError('The selection of jobs', problems)
  const meant: Meant = {
    state,
    queue: queue ?? null,
    task: task ?? null,
    fingerprint: fingerprint ?? null,
    since: enqueuedSince?.getTime() ?? null,
    until: enqueuedUntil?.getTime() ?? null,
  }
  const after = continuation === null ? null : cursorOf(meant, continuation)
  return { meant, ids: ids ? ids.map((id) => id.toLowerCase()) : null, max, after }
}

/** A continuation says of which jobs it is, and where the last page of them ended. */
export const continuationOf = (meant: Meant, next: Cursor | null): string | null =>
  next === null ? null : JSON.stringify([Object.values(meant), next])

/** @throws ConfigurationError when it is of other jobs, or no continuation at all */
function cursorOf(meant: Meant, continuation: string): Cursor {
  try {
    const [of, keys] = JSON.parse(continuation) as [unknown, unknown]
    const fits = Array.isArray(keys) && keys.length === keysOf(meant)
    if (
      fits &&
      keys.every((key) => typeof key === 'string') &&
      JSON.stringify(of) === JSON.stringify(Object.values(meant))
    )
      return keys
  } catch {
    // No JSON.
  }
  throw new ConfigurationError('The selection of jobs', [
    'continuation: it is not what a call for the same jobs returned',
  ])
}

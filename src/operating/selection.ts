import type { Dialect } from '../dialects/dialect.ts'
import { ConfigurationError } from '../errors.ts'
import { isJobId } from '../job/job-id.ts'
import { type Cursor, keysOf, type MovableState } from '../transitions/page.ts'

/** Which jobs are meant. What is given must all hold; nothing: every job of the state. */
export interface JobSelection {
  /** These jobs, 1,000 at most; whatever of them is in another state is left alone. Without the others. */
  readonly ids?: readonly string[]
  readonly queue?: string
  readonly task?: string
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
  readonly state: MovableState
  /** Null: by the filter. */
  readonly ids: readonly string[] | null
  readonly queue: string | null
  readonly task: string | null
  readonly max: number
  readonly after: Cursor | null
  readonly dryRun: boolean
}

const maxPerCall = 1000

/** @throws ConfigurationError listing everything that is wrong */
export function readSelection(
  dialect: Dialect,
  state: MovableState,
  { ids, queue = null, task = null }: { ids?: readonly string[]; queue?: string | null; task?: string | null },
  { max = maxPerCall, continuation = null, dryRun = false }: BulkOptions,
): Selected {
  const problems: string[] = []
  if (ids && (queue !== null || task !== null))
    problems.push('ids: give them alone; jobs of these ids are moved whatever their queue and task')
  if (ids && ids.length > maxPerCall) problems.push(`ids: ${ids.length}; give at most ${maxPerCall} a call`)
  for (const id of ids ?? []) if (!isJobId(id)) problems.push(`ids: ${JSON.stringify(id)} is no UUID`)
  if (!Number.isInteger(max) || max < 1 || max > maxPerCall)
    problems.push(`max: ${String(max)}; use a whole number from 1 to ${maxPerCall}`)
  const after = continuation === null ? null : cursorOf(keysOf(dialect, state), [state, queue, task], continuation)
  if (after === 'none') problems.push('continuation: it is not what a call for the same jobs returned')
  if (problems.length > 0 || after === 'none') throw new ConfigurationError('The selection of jobs', problems)
  return { state, ids: ids ? ids.map((id) => id.toLowerCase()) : null, queue, task, max, after, dryRun }
}

/** A continuation says of which jobs it is, and where the last page of them ended. */
export const continuationOf = ({ state, queue, task }: Selected, next: Cursor | null): string | null =>
  next === null ? null : JSON.stringify([[state, queue, task], next])

function cursorOf(count: number, jobs: readonly unknown[], continuation: string): Cursor | 'none' {
  try {
    const [of, keys] = JSON.parse(continuation) as [unknown, unknown]
    const fits = Array.isArray(keys) && keys.length === count && keys.every((key) => typeof key === 'string')
    return fits && JSON.stringify(of) === JSON.stringify(jobs) ? keys : 'none'
  } catch {
    return 'none'
  }
}

import type { JobState } from '../job/job.ts'
import { find, type StoredJob } from '../transitions/find.ts'
import { page } from '../transitions/page.ts'
import type { Runner } from '../transitions/run.ts'
import { continuationOf, type JobFilter, maxPerCall, readSelection } from './selection.ts'

/** A job in a list, without its result. */
export type ListedJob = Omit<StoredJob, 'result' | 'resultMeta'>

export const withoutResult = ({ result: _, resultMeta: __, ...job }: StoredJob): ListedJob => job

export interface ListOptions {
  /** Jobs at most, 1 to 1,000. Default 50. */
  readonly max?: number
  /** The `continuation` of the list before, with its instants. Null (default): from the beginning. */
  readonly continuation?: string | null
}

export interface JobList {
  /**
   * Ready jobs in the order in which a queue runs, scheduled jobs as they come due, finished jobs from the last that
   * ended, and failed jobs from the last that was enqueued.
   */
  readonly jobs: readonly ListedJob[]
  /** Give it to the next call: more jobs may remain. Null: none remain. */
  readonly continuation: string | null
}

/** The most pages that one list reads when a filter leaves few jobs. */
const maxPages = 10

/**
 * Lists jobs. Jobs that a filter passes over are read too, so a list may have fewer than `max` although more remain.
 */
export async function listJobs(
  { driver, run }: Runner,
  { state, ...filter }: JobFilter & { state: JobState },
  { max = 50, continuation = null }: ListOptions,
): Promise<JobList> {
  const { dialect } = driver
  const { meant, after } = readSelection(state, filter, { max, continuation })
  const ids: string[] = []
  let next = after?.cursor ?? null
  for (let pages = 1; ; pages += 1) {
    const read = await run(page(dialect, meant, { after: next, max: pages === 1 ? max : maxPerCall }))
    const taken = read.found.slice(0, max - ids.length)
    ids.push(...taken.map(({ id }) => id))
    next = taken.length < read.found.length ? (taken.at(-1)?.cursor ?? next) : read.next
    if (next === null || ids.length === max || pages === maxPages) break
  }
  const stored = ids.length === 0 ? [] : await run(find(dialect, { ids, listedAs: state }))
  const byId = new Map(stored.map((job) => [job.id, withoutResult(job)]))
  // A job that has moved since it was read is shown as it is now; a job that is gone is left out.
  return { jobs: ids.flatMap((id) => byId.get(id) ?? []), continuation: continuationOf(meant, next) }
}

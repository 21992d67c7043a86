import type { JobState } from '../job/job.ts'
import { find, type StoredJob } from '../transitions/find.ts'
import { page } from '../transitions/page.ts'
import type { Runner } from '../transitions/run.ts'
import { batchMax } from './bulk.ts'
import type { Page } from './listing.ts'
import { type JobFilter, nextPosition, readList } from './selection.ts'

/** A job in a list, without its result. */
export type ListedJob = Omit<StoredJob, 'result' | 'resultMeta'>

export const withoutResult = ({ result: _, resultMeta: __, ...job }: StoredJob): ListedJob => job

/** The most pages of the database that one page of a list reads when a filter leaves few jobs. */
const maxPages = 10

/**
 * Lists a page of jobs. Jobs that a filter passes over are read too, so a page may have fewer than `limit` although more
 * remain.
 *
 * @throws ConfigurationError listing everything that is wrong with the filter
 */
export async function listJobs(
  { driver: { dialect }, run }: Runner,
  { state, filter }: { state: JobState; filter: JobFilter },
  options: { limit: number; after: string | null },
): Promise<Page<ListedJob>> {
  const { meant, limit, after } = readList(state, filter, options)
  const ids: string[] = []
  let cursor = after?.cursor ?? null
  for (let pages = 1; ; pages += 1) {
    const read = await run(page(dialect, meant, { after: cursor, max: pages === 1 ? limit : batchMax }))
    const taken = read.found.slice(0, limit - ids.length)
    ids.push(...taken.map(({ id }) => id))
    cursor = taken.length < read.found.length ? (taken.at(-1)?.cursor ?? cursor) : read.next
    if (cursor === null || ids.length === limit || pages === maxPages) break
  }
  const stored = ids.length === 0 ? [] : await run(find(dialect, { ids, listedAs: state }))
  const byId = new Map(stored.map((job) => [job.id, withoutResult(job)]))
  // A job that has moved since it was read is shown as it is now; a job that is gone is left out.
  return { items: ids.flatMap((id) => byId.get(id) ?? []), next: nextPosition(meant, cursor) }
}

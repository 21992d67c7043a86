import type { Dialect } from '../dialects/dialect.ts'
import type { JobState } from '../job/job.ts'
import { find } from '../transitions/find.ts'
import { page } from '../transitions/page.ts'
import type { Runner } from '../transitions/run.ts'
import type { Transition } from '../transitions/transition.ts'
import { type Bulk, type BulkOptions, type JobSelection, nextPosition, readBulk } from './selection.ts'

/** A change of state of many jobs, by their ids. It changes the jobs that are in the right state, and answers them. */
export type StateChange = (
  dialect: Dialect,
  ids: readonly string[],
) => Transition<{ readonly length: number } | { readonly size: number }>

/** Jobs that one batch changes at most. */
export const batchMax = 1000

/**
 * Changes the state of all selected jobs: page after page, the jobs of each page in one batch. By ids it is one round
 * trip, by a filter two a page: a job of the page that has moved meanwhile is left alone.
 *
 * @param change null: the jobs are only counted
 * @throws ConfigurationError listing everything that is wrong with the selection
 */
export async function changeAll(
  { driver: { dialect }, run }: Runner,
  { state, selection, options }: { state: JobState; selection: JobSelection; options: BulkOptions },
  change: StateChange | null,
): Promise<Bulk> {
  const { meant, ids, limit, after } = readBulk(state, selection, options)
  if (ids) return { count: await changed(ids), next: null }
  let { until } = meant
  let cursor = after?.cursor ?? null
  let began = after?.began ?? null
  for (let count = 0; ;) {
    const max = Math.min(batchMax, limit - count)
    const read = await run(page(dialect, { ...meant, until }, { after: cursor, max, began }))
    count += await changed(read.found.map(({ id }) => id))
    cursor = read.next
    if (read.nowMs !== null) {
      // A job that runs, fails and is scheduled again comes behind the cursor: `began` keeps it from being met twice.
      if (state === 'scheduled') began ??= read.nowMs
      // Jobs that are enqueued from now on are not meant: else the call might never end.
      until ??= read.nowMs + 1
    }
    if (cursor === null || count === limit || (await isAborted(options.signal)))
      return { count, next: nextPosition({ ...meant, until }, cursor, began) }
  }

  async function changed(list: readonly string[]): Promise<number> {
    if (list.length === 0) return 0
    if (!change) {
      if (!ids) return list.length
      const jobs = await run(find(dialect, { ids: list }))
      return jobs.filter((job) => job.state === state).length
    }
    const done = await run(change(dialect, list))
    return 'size' in done ? done.size : done.length
  }
}

/** Whether a signal is aborted. SQLite never waits, so no signal would be heard without a turn of the event loop. */
export async function isAborted(signal: AbortSignal | undefined): Promise<boolean> {
  if (!signal) return false
  await new Promise((resolve) => setTimeout(resolve, 0))
  return signal.aborted
}

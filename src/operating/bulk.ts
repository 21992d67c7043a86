import type { Dialect } from '../dialects/dialect.ts'
import { find } from '../transitions/find.ts'
import { page } from '../transitions/page.ts'
import type { Runner } from '../transitions/run.ts'
import type { Transition } from '../transitions/transition.ts'
import { type Bulk, continuationOf, type Selected } from './selection.ts'

/** A change of state of many jobs, by their ids. It changes the jobs that are in the right state, and answers them. */
export type StateChange = (
  dialect: Dialect,
  ids: readonly string[],
) => Transition<{ readonly length: number } | { readonly size: number }>

/**
 * Changes the state of the jobs that are meant: of the jobs of one page, in one batch. By ids it is one round trip, by
 * a filter two: a job of the page that has moved meanwhile is left alone.
 *
 * @param change null: the jobs are only counted
 */
export async function moveSelected(
  { driver, run }: Runner,
  { meant, ids, max, after }: Selected,
  change: StateChange | null,
): Promise<Bulk> {
  const { dialect } = driver
  if (ids) {
    if (change) return { count: await moved(change, ids), continuation: null }
    const jobs = await run(find(dialect, { ids }))
    return { count: jobs.filter(({ state }) => state === meant.state).length, continuation: null }
  }
  const { found, next, nowMs } = await run(
    page(dialect, meant, { after: after?.cursor ?? null, max, began: after?.began ?? null }),
  )
  // A job that runs, fails and is scheduled again comes behind the cursor: `began` keeps it from being met twice.
  const began = meant.state === 'scheduled' ? (after?.began ?? nowMs) : null
  const those = found.map(({ id }) => id)
  return { count: change ? await moved(change, those) : those.length, continuation: continuationOf(meant, next, began) }

  async function moved(by: StateChange, list: readonly string[]): Promise<number> {
    if (list.length === 0) return 0
    const done = await run(by(dialect, list))
    return 'size' in done ? done.size : done.length
  }
}

import type { Dialect } from '../dialects/dialect.ts'
import { find } from '../transitions/find.ts'
import { page } from '../transitions/page.ts'
import type { Runner } from '../transitions/run.ts'
import type { Transition } from '../transitions/transition.ts'
import { type Bulk, continuationOf, type Selected } from './selection.ts'

/** One state move of many jobs, by their ids. It moves those that are in the right state, and answers which. */
export type Move = (
  dialect: Dialect,
  ids: readonly string[],
) => Transition<{ readonly length: number } | { readonly size: number }>

/**
 * Moves the jobs that are meant: those that one page finds, in one batch. By ids it is one round trip, else two: what a
 * page has read may have moved by then, and is left alone.
 */
export async function moveSelected({ driver, run }: Runner, selected: Selected, move: Move): Promise<Bulk> {
  const { state, dryRun } = selected
  const { dialect } = driver
  if (selected.ids) {
    const { ids } = selected
    if (dryRun) {
      const [jobs] = await run(find(dialect, { ids }))
      return { count: jobs.filter((job) => job.state === state).length, continuation: null }
    }
    return { count: await moved(ids), continuation: null }
  }
  const [{ ids, next }] = await run(page(dialect, selected))
  return { count: dryRun ? ids.length : await moved(ids), continuation: continuationOf(selected, next) }

  async function moved(those: readonly string[]): Promise<number> {
    if (those.length === 0) return 0
    const [done] = await run(move(dialect, those))
    return 'size' in done ? done.size : done.length
  }
}

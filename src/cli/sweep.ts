import { setImmediate } from 'node:timers/promises'
import type { Bulk, BulkOptions } from '../operating/selection.ts'
import { showProgress } from './progress.ts'
import { jobsText } from './report.ts'
import { stopSignals } from './stop-signals.ts'

/** A signal stopped a bulk action. Batches before it stay done. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

type MovePage = (options: BulkOptions) => Promise<Bulk>

/** Counts the jobs of a bulk action, page by page. */
export async function countAll(move: MovePage): Promise<number> {
  let count = 0
  let continuation: string | null = null
  do {
    const bulk: Bulk = await move({ continuation, dryRun: true })
    count += bulk.count
    continuation = bulk.continuation
  } while (continuation !== null)
  return count
}

/**
 * Runs a bulk action, batch by batch, to its end.
 *
 * @param total the end of the bar; null: the jobs were not counted, and no bar is shown
 * @throws StoppedError when a signal has stopped the action between two batches
 */
export async function moveAll(
  move: MovePage,
  { doing, done, total }: { doing: string; done: string; total: number | null },
): Promise<number> {
  const { signal } = stopSignals()
  const progress = total === null ? null : showProgress(doing, total)
  let count = 0
  let continuation: string | null = null
  try {
    do {
      const bulk: Bulk = await move({ continuation })
      count += bulk.count
      progress?.add(bulk.count)
      // SQLite never waits, so no signal would be handled without this turn of the event loop.
      await setImmediate()
      continuation = bulk.continuation
      if (signal.aborted && continuation !== null) throw new StoppedError(`Stopped: ${jobsText(count)} ${done}.`)
    } while (continuation !== null)
  } catch (error) {
    progress?.stop()
    if (!(error instanceof StoppedError) && count > 0) console.error(`Before it failed: ${jobsText(count)} ${done}.`)
    throw error
  }
  progress?.stop()
  return count
}

import { setImmediate } from 'node:timers/promises'
import type { Bulk, BulkOptions } from '../manage/selection.ts'
import { showProgress } from './progress.ts'
import { jobsText } from './report.ts'
import { stopSignals } from './stop-signals.ts'

/** A signal stopped a bulk action. Steps before it stay done. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

/** Jobs that are moved between two looks at the signal. */
const stepMax = 1000

/**
 * Runs a bulk action, step by step, to its end.
 *
 * @param total the end of the bar; null: the jobs were not counted, and no bar is shown
 * @throws StoppedError when a signal has stopped the action between two steps
 */
export async function moveAll(
  move: (options: BulkOptions) => Promise<Bulk>,
  { doing, done, total }: { doing: string; done: string; total: number | null },
): Promise<number> {
  const { signal } = stopSignals()
  const progress = total === null ? null : showProgress(doing, total)
  let count = 0
  let next: string | null = null
  try {
    do {
      const bulk: Bulk = await move({ after: next, limit: stepMax })
      count += bulk.count
      progress?.add(bulk.count)
      // SQLite never waits, so no signal would be handled without this turn of the event loop.
      await setImmediate()
      next = bulk.next
      if (signal.aborted && next !== null) throw new StoppedError(`Stopped: ${jobsText(count)} ${done}.`)
    } while (next !== null)
  } catch (error) {
    progress?.stop()
    if (!(error instanceof StoppedError) && count > 0) console.error(`Before it failed: ${jobsText(count)} ${done}.`)
    throw error
  }
  progress?.stop()
  return count
}

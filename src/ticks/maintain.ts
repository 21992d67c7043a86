import { clear } from '../transitions/clear.ts'
import { recordTick } from '../transitions/record-tick.ts'
import { type Core, pass, shouldStop, type TickOptions, type TickReport } from './core.ts'

export interface MaintainReport extends TickReport {
  /** Finished and failed jobs past their retention that were deleted. */
  readonly cleared: number
}

const clearMax = 500

/** Deletes finished (and, if set, failed) jobs past their retention, batch after batch, until done or out of time. */
export function maintain(core: Core, options: TickOptions = {}): Promise<MaintainReport> {
  return pass(core, 'maintain', async (run) => {
    const { dialect } = core.driver
    const { clearFinishedAfterMs, clearFailedAfterMs } = core.settings
    let cleared = 0
    let more = false
    const clearAll = async (state: 'finished' | 'failed', olderThanMs: number) => {
      for (;;) {
        const [count] = await run(clear(dialect, { state, olderThanMs, max: clearMax }))
        cleared += count
        if (count < clearMax) return
        if (shouldStop(options)) {
          more = true
          return
        }
      }
    }
    await clearAll('finished', clearFinishedAfterMs)
    if (clearFailedAfterMs !== null) await clearAll('failed', clearFailedAfterMs)
    // Written last: maintenance that was cut off is due again.
    if (!more) await run(recordTick(dialect, { actor: 'maintain', report: JSON.stringify({ cleared }) }))
    return { cleared, more }
  })
}

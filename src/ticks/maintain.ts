import type { Runner } from '../transitions/run.ts'
import { keysToMend, mend, type Mended } from '../transitions/mend.ts'
import { DatabaseError } from '../dialects/driver.ts'
import { clear } from '../transitions/clear.ts'
import { recordTick } from '../transitions/record-tick.ts'
import { type Core, pass, shouldStop, type TickOptions, type TickReport } from './core.ts'

export interface MaintainReport extends TickReport {
  /** Finished and failed jobs past their retention that were deleted. */
  readonly cleared: number
  /** Permits that were taken away, since their jobs run longer than the `duration` of their limit. */
  readonly expired: number
  /** Blocked jobs that became ready, as permits had expired or limits were raised. */
  readonly unblocked: number
}

const clearMax = 500
/** Keys that one batch mends at most. */
const mendMax = 500

/**
 * Mends concurrency keys, and deletes finished (and, if set, failed) jobs past their retention, batch after batch, until
 * done or out of time.
 */
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
    const mended = core.settings.concurrencyMaintenance
      ? await mendAll(core, run, () => shouldStop(options))
      : { expired: 0, unblocked: 0, more: false }
    more ||= mended.more
    await clearAll('finished', clearFinishedAfterMs)
    if (clearFailedAfterMs !== null) await clearAll('failed', clearFailedAfterMs)
    // Written last: maintenance that was cut off is due again.
    if (!more) await run(recordTick(dialect, { actor: 'maintain', report: JSON.stringify({ cleared }) }))
    const { expired, unblocked } = mended
    return { cleared, expired, unblocked, more }
  })
}

/** Each key once, in the order of their bytes. A key whose mending fails does not keep the others from it. */
async function mendAll(
  core: Core,
  run: Runner['run'],
  stops: () => boolean,
): Promise<{ expired: number; unblocked: number; more: boolean }> {
  const { dialect } = core.driver
  const total = { expired: 0, unblocked: 0 }
  const add = ({ expired, unblocked }: Mended) => {
    total.expired += expired
    total.unblocked += unblocked
  }
  for (let after = ''; ;) {
    const [keys] = await run(keysToMend(dialect, { after, max: mendMax }))
    const last = keys.at(-1)
    if (last === undefined) return { ...total, more: false }
    try {
      const [mended] = await run(mend(dialect, { keys }))
      add(mended)
    } catch (error) {
      if (!isRefused(error)) throw error
      for (const key of keys)
        try {
          const [mended] = await run(mend(dialect, { keys: [key] }))
          add(mended)
        } catch (fault) {
          if (!isRefused(fault)) throw fault
          core.emitter.log('error', 'A concurrency key could not be mended', { key, error: fault })
        }
    }
    if (keys.length < mendMax) return { ...total, more: false }
    if (stops()) return { ...total, more: true }
    after = last
  }
}

const isRefused = (error: unknown): boolean => error instanceof DatabaseError && error.failure === 'other'

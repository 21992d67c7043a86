import type { Runner } from '../transitions/run.ts'
import { keysToRepair, repair } from '../transitions/repair.ts'
import { clear } from '../transitions/clear.ts'
import { clearOccurrences } from '../transitions/clear-occurrences.ts'
import { recordTick } from '../transitions/record-tick.ts'
import { bringBackLeases, listSuspects } from '../transitions/bring-back.ts'
import { bringBackRecurring, suspectsMax } from './clock-ahead.ts'
import type { Core } from '../core.ts'
import { pass, shouldStop, type PassOptions, type TickReport } from './pass.ts'
import { inBulkOrOneByOne } from './in-bulk-or-one-by-one.ts'
import { combine } from '../transitions/transition.ts'

export interface MaintainReport extends TickReport {
  /** Finished and failed jobs past their retention that were deleted. */
  readonly cleared: number
  /** Permits that were taken away, since their jobs run longer than the `duration` of their limit. */
  readonly permitsExpired: number
  /** Blocked jobs that became ready, as permits had expired or limits were raised. */
  readonly unblocked: number
}

const clearMax = 500
/** Occurrences are recorded for a week, or as long as finished jobs are kept. */
const occurrencesKeptMs = 7 * 86_400_000
/** Keys that one batch repairs at most. */
const repairMax = 500

/**
 * Repairs concurrency keys, deletes finished (and, if set, failed) jobs past their retention, batch after batch, until
 * done or out of time, and brings back recurring tasks and leases that a clock ahead of time has put off.
 */
export function maintain(core: Core, options: PassOptions = {}): Promise<MaintainReport> {
  return pass(core, 'maintain', options, async (run) => {
    const { dialect } = core.driver
    const repaired = core.settings.concurrencyMaintenance
      ? await repairAll(core, run, () => shouldStop(options))
      : { permitsExpired: 0, unblocked: 0, more: false }
    const { cleared, more: moreToClear } = await clearAll(core, run, () => shouldStop(options))
    const more = repaired.more || moreToClear
    // Written last: maintenance that was cut off is due again.
    if (!more) {
      const done = recordTick(dialect, { actor: 'maintain', report: JSON.stringify({ cleared }) })
      const suspected = listSuspects(dialect, { after: '', max: suspectsMax })
      const { suspects } = await run(combine({ done, leases: bringBackLeases(dialect), suspects: suspected }))
      await bringBackRecurring(core, run, suspects, () => shouldStop(options))
    }
    const { permitsExpired, unblocked } = repaired
    return { cleared, permitsExpired, unblocked, more }
  })
}

/** Deletes jobs and occurrences past their retention, of every kind in one batch, until none of a kind is left. */
async function clearAll(
  { driver: { dialect }, settings: { clearFinishedAfterMs, clearFailedAfterMs } }: Core,
  run: Runner['run'],
  stops: () => boolean,
): Promise<{ cleared: number; more: boolean }> {
  const max = clearMax
  const occurrences = clearOccurrences(dialect, { olderThanMs: Math.max(clearFinishedAfterMs, occurrencesKeptMs), max })
  const parts = combine({
    occurrences,
    finished: clear(dialect, { state: 'finished', olderThanMs: clearFinishedAfterMs, max }),
    failed:
      clearFailedAfterMs === null ? null : clear(dialect, { state: 'failed', olderThanMs: clearFailedAfterMs, max }),
  })
  for (let cleared = 0; ;) {
    const counts = await run(parts)
    cleared += counts.finished + (counts.failed ?? 0)
    const more = Object.values(counts).includes(max)
    if (!more || stops()) return { cleared, more }
  }
}

/** Repairs each key once, by the order of their bytes. A key that cannot be repaired does not stop the others. */
async function repairAll(
  core: Core,
  run: Runner['run'],
  stops: () => boolean,
): Promise<{ permitsExpired: number; unblocked: number; more: boolean }> {
  const { dialect } = core.driver
  const total = { permitsExpired: 0, unblocked: 0 }
  for (let after = ''; ;) {
    const keys = await run(keysToRepair(dialect, { after, max: repairMax }))
    const last = keys.at(-1)
    if (last === undefined) return { ...total, more: false }
    const repaired = await inBulkOrOneByOne(
      keys,
      (some) => run(repair(dialect, { keys: some })),
      (key, error) => core.emitter.log('error', 'A concurrency key could not be repaired', { key, error }),
    )
    for (const { permitsExpired, unblocked } of repaired) {
      total.permitsExpired += permitsExpired
      total.unblocked += unblocked
    }
    if (keys.length < repairMax) return { ...total, more: false }
    if (stops()) return { ...total, more: true }
    after = last
  }
}

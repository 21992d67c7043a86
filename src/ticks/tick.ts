import { placeOf } from '../job/queue-patterns.ts'
import { lookAround } from '../schema-version.ts'
import { dispatch } from '../transitions/dispatch.ts'
import { prune, type PrunedJob } from '../transitions/prune.ts'
import { type Core, pass, remainingMs, shouldStop, type TickOptions, type TickReport } from './core.ts'
import { maintain } from './maintain.ts'
import { emitPruned, mayRemain, pruneMax } from './prune.ts'
import { work, type Worked } from './work.ts'

export interface CombinedReport extends TickReport, Worked {
  readonly dispatched: number
  readonly pruned: number
  readonly cleared: number
  /** When the next scheduled job is due, by this machine's clock; null when nothing is scheduled. */
  readonly nextDueAt: Date | null
}

/**
 * One bounded pass of all actors. It looks first, and runs what has work: an idle tick is one SELECT that writes
 * nothing. Any number may run at once, late, twice, or killed half way.
 *
 * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
 */
export function tick(core: Core, options: TickOptions = {}): Promise<CombinedReport> {
  return pass(core, 'tick', async (run) => {
    const total = {
      dispatched: 0,
      pruned: 0,
      cleared: 0,
      claimed: 0,
      succeeded: 0,
      retried: 0,
      failed: 0,
      released: 0,
      stale: 0,
    }
    const { dialect } = core.driver
    const { dispatchMax, maintenanceIntervalMs, workers } = core.settings
    for (;;) {
      const seen = await lookAround(core.driver, run)
      const [dispatched, pruned] = await run(
        ...(seen.due ? [dispatch(dialect, { max: dispatchMax })] : []),
        ...(seen.lost ? [prune(dialect, { max: pruneMax })] : []),
      ).then(
        (readings) =>
          [seen.due ? (readings[0] as number) : 0, seen.lost ? (readings.at(-1) as readonly PrunedJob[]) : []] as const,
      )
      emitPruned(core, pruned)
      total.dispatched += dispatched
      total.pruned += pruned.length

      const reports = await Promise.all(
        [...workers.values()]
          .filter(
            ({ patterns }) => dispatched > 0 || seen.readyQueues.some((queue) => placeOf(patterns, queue) !== null),
          )
          .map((worker) => work(core, worker, options)),
      )
      for (const report of reports) {
        for (const count of ['claimed', 'succeeded', 'retried', 'failed', 'released', 'stale'] as const)
          total[count] += report[count]
      }
      let more = dispatched === dispatchMax || mayRemain(pruned) || reports.some((report) => report.more)
      const maintenanceDue = seen.maintainedMsAgo === null || seen.maintainedMsAgo >= maintenanceIntervalMs
      if (maintenanceDue && !shouldStop(options)) {
        const report = await maintain(core, options)
        total.cleared += report.cleared
        more ||= report.more
      }
      if (
        more &&
        !shouldStop(options) &&
        remainingMs(options) > core.settings.shutdownGraceMs &&
        !reports.some((r) => r.more)
      )
        continue
      return { ...total, more, nextDueAt: seen.nextDueMs === null ? null : new Date(Date.now() + seen.nextDueMs) }
    }
  })
}

import { lookForWork } from '../schema-version.ts'
import { dispatch } from '../transitions/dispatch.ts'
import type { Look } from '../transitions/look.ts'
import { prune } from '../transitions/prune.ts'
import { noteTick } from '../transitions/record-tick.ts'
import type { Runner } from '../transitions/run.ts'
import { combine, resent } from '../transitions/transition.ts'
import type { Core } from '../core.ts'
import { pass, remainingMs, shouldStop, type PassOptions, type TickReport } from './pass.ts'
import { maintain } from './maintain.ts'
import { emitPruned, mayRemain, pruneMax } from './prune.ts'
import { scheduleDue } from './schedule.ts'
import { work } from './work.ts'
import { addWorked, nothingWorked, type Worked } from './worked.ts'

export interface CombinedReport extends TickReport, Worked {
  /** Jobs of occurrences of recurring tasks that were enqueued. */
  readonly enqueued: number
  readonly dispatched: number
  /** Jobs that came due, and were finished as skipped, since their key was full. */
  readonly skipped: number
  readonly pruned: number
  readonly cleared: number
  readonly permitsExpired: number
  readonly unblocked: number
  /** When the next scheduled job, or occurrence of a recurring task, is due, by this machine's clock; null when none is. */
  readonly nextDueAt: Date | null
}

/**
 * One bounded pass of all actors. It looks first, and runs the actors that have work: an idle tick is one SELECT that
 * writes nothing. Any number of ticks may run at once, late, twice, or killed half way.
 *
 * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
 */
export function tick(core: Core, options: PassOptions = {}): Promise<CombinedReport> {
  return pass(core, 'tick', options, async (run, add) => {
    const total = { enqueued: 0, dispatched: 0, skipped: 0, pruned: 0, cleared: 0, permitsExpired: 0, unblocked: 0 }
    const worked = nothingWorked()
    const { maintenanceIntervalMs, shutdownGraceMs, workers } = core.settings
    const began = Date.now()
    for (;;) {
      const found = await lookForWork(core.driver, run, core.deployment, workers.values())
      const scheduled = await scheduleDue(core, run, found, options)
      total.enqueued += scheduled.enqueued
      const moved = await pruneAndDispatch(core, run, { lost: found.lost, due: found.due || scheduled.unplaced > 0 })
      total.dispatched += moved.dispatched
      total.skipped += moved.skipped
      total.pruned += moved.pruned

      const busy = [...workers.values()].filter(
        ({ name }) => moved.dispatched + scheduled.enqueued > 0 || found.workersWithWork.has(name),
      )
      // All passes are waited for: an invocation must not end under a worker because another one failed.
      const passes = busy.map((worker) => work(core, worker, options, began))
      await Promise.allSettled(passes)
      const reports = await Promise.all(passes)
      for (const report of reports) {
        add(report)
        addWorked(worked, report)
      }
      // The work done may have made more work, and changed when the next job is due.
      const did =
        scheduled.enqueued + moved.pruned + moved.dispatched + reports.reduce((sum, { claimed }) => sum + claimed, 0) >
        0
      // A work tick that leaves work behind has used up its time.
      const outOfTime = reports.some((report) => report.more)
      let more = scheduled.more || moved.more || outOfTime
      if ((found.tickedMsAgo ?? maintenanceIntervalMs) >= maintenanceIntervalMs)
        await run(noteTick(core.driver.dialect, { actor: 'tick' }))
      if ((found.maintainedMsAgo ?? maintenanceIntervalMs) >= maintenanceIntervalMs && !shouldStop(options)) {
        const report = await maintain(core, options)
        add(report)
        total.cleared += report.cleared
        total.permitsExpired += report.permitsExpired
        total.unblocked += report.unblocked
        more ||= report.more || report.unblocked > 0
      }
      if (!(more || did) || outOfTime || shouldStop(options) || remainingMs(options) <= shutdownGraceMs) {
        // There is no time to go on, but the report is to be true.
        const last =
          (did || scheduled.synchronized || found.occurrenceDue) && !more
            ? await lookForWork(core.driver, run, core.deployment, workers.values())
            : found
        const isDue = last.due || (last.occurrenceDue && !found.occurrenceDue)
        more ||= last !== found && (isDue || last.lost || last.workersWithWork.size > 0)
        return { ...total, ...worked, more, nextDueAt: nextDueAtOf(core, last) }
      }
    }
  })
}

/**
 * Prunes and dispatches, in one batch: lost jobs that run again are dispatched with the due jobs. If the batch was sent
 * twice, its count is unknown, and the tick looks again.
 */
async function pruneAndDispatch(core: Core, run: Runner['run'], { lost, due }: Pick<Look, 'lost' | 'due'>) {
  const { dialect } = core.driver
  const { dispatchMax } = core.settings
  if (!lost && !due) return { pruned: 0, dispatched: 0, skipped: 0, more: false }
  if (!lost) {
    const { moved, again } = await run(combine({ moved: dispatch(dialect, { max: dispatchMax }), again: resent }))
    return { pruned: 0, ...moved, more: again || moved.dispatched === dispatchMax }
  }
  const { pruned, moved, again } = await run(
    combine({
      pruned: prune(dialect, { max: pruneMax }),
      moved: dispatch(dialect, { max: dispatchMax }),
      again: resent,
    }),
  )
  emitPruned(core, pruned)
  return { pruned: pruned.length, ...moved, more: again || mayRemain(pruned) || moved.dispatched === dispatchMax }
}

function nextDueAtOf({ now }: Core, { nextDueMs, nextOccurrenceMs }: Look): Date | null {
  const next = Math.min(nextDueMs ?? Number.POSITIVE_INFINITY, nextOccurrenceMs ?? Number.POSITIVE_INFINITY)
  return next === Number.POSITIVE_INFINITY ? null : new Date(now() + next)
}

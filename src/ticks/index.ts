import type { PerformingQueue } from '../performers.ts'
import type { Queue } from '../queue.ts'
import { checkSchedules } from '../recurring/schedule.ts'
import * as dispatching from './dispatch.ts'
import * as maintaining from './maintain.ts'
import * as pruning from './prune.ts'
import * as running from './run.ts'
import * as scheduling from './schedule.ts'
import type { TickOptions } from './tick-options.ts'
import * as ticking from './tick.ts'
import type { WorkOptions } from './work-options.ts'
import { withHooks } from './with-hooks.ts'
import { work as workFor, workerOf, type WorkReport } from './work.ts'

export type { DispatchReport } from './dispatch.ts'
export type { MaintainReport } from './maintain.ts'
export type { TickReport } from './pass.ts'
export type { PruneReport } from './prune.ts'
export type { Actor, RunOptions } from './run.ts'
export type { ScheduleReport } from './schedule.ts'
export type { CombinedReport } from './tick.ts'
export type { TickOptions } from './tick-options.ts'
export type { WorkOptions } from './work-options.ts'
export type { WorkReport } from './work.ts'

/**
 * Runs one bounded pass of all actors: it looks first, and runs the actors that have work. An idle tick is one SELECT
 * that writes nothing. Any number of ticks may run at once, late, twice, or killed half way. Asks for another tick when
 * work remains.
 *
 * @throws ConfigurationError when a schedule of a new deployment never comes; SchemaError when the tables are missing, too
 *   old or too new; DatabaseError when the database fails
 */
export function tick(queue: PerformingQueue, options: TickOptions = {}): Promise<ticking.CombinedReport> {
  return withHooks(queue, options, async (core, bounded) => goOn(queue, await ticking.tick(core, bounded)))
}

/**
 * Claims and performs jobs for a worker. Asks for another tick when work remains.
 *
 * @param worker default: the first one of the definition
 * @throws ConfigurationError when there is no worker of that name
 * @throws DatabaseError when not even the first claim could be made
 */
export function work(
  queue: PerformingQueue,
  { worker, ...options }: WorkOptions & { worker?: string | undefined } = {},
): Promise<WorkReport> {
  return withHooks(queue, options, async (core, bounded) =>
    goOn(queue, await workFor(core, workerOf(core.settings, worker), bounded)),
  )
}

/**
 * Dispatches, performs, schedules, prunes and maintains in this process until the signal is aborted: for a process that
 * is always on. Any number of processes may run beside each other, and beside ticks.
 *
 * Due jobs are dispatched, and schedules looked at, each second. A worker looks for ready jobs each `pollInterval`, and
 * at once for those enqueued by this very `queue`. Leases are short, 30 s renewed each 10 s, so that another process
 * soon settles the jobs of one that was killed. A pass that fails is logged, and tried again each second.
 *
 * @example
 * const stop = new AbortController()
 * process.once('SIGTERM', () => stop.abort())
 * await run(queue, { signal: stop.signal })
 * await queue.close()
 *
 * @throws ConfigurationError when an option is wrong, or a schedule of the definition never comes; SchemaError when the tables are missing, too
 *   old or too new; DatabaseError when the database fails: all of them only at the beginning
 */
export async function run(queue: PerformingQueue, options: running.RunOptions): Promise<void> {
  checkSchedules(queue['~core'].deployment.tasks)
  await queue.check()
  await withHooks(queue, {}, (core) => running.run(core, options))
}

/** Dispatches scheduled jobs that are due. @throws DatabaseError when the database fails */
export function dispatch(queue: Queue, options: TickOptions = {}): Promise<dispatching.DispatchReport> {
  return withHooks(queue, options, dispatching.dispatch)
}

/**
 * Enqueues the due occurrences of recurring tasks, each once, and writes the static recurring tasks of a new
 * deployment. Asks for a tick when an occurrence was due.
 *
 * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
 */
export function schedule(queue: Queue, options: TickOptions = {}): Promise<scheduling.ScheduleReport> {
  return withHooks(queue, options, scheduling.schedule)
}

/** Settles the jobs of lost invocations. @throws DatabaseError when the database fails */
export function prune(queue: Queue, options: TickOptions = {}): Promise<pruning.PruneReport> {
  return withHooks(queue, options, pruning.prune)
}

/** Repairs concurrency keys, and deletes jobs past their retention. @throws DatabaseError when the database fails */
export function maintain(queue: Queue, options: TickOptions = {}): Promise<maintaining.MaintainReport> {
  return withHooks(queue, options, maintaining.maintain)
}

/**
 * Asks for the next tick of a long backlog. A tick that got nowhere asks for none: the next one would not get on,
 * either.
 */
async function goOn<R extends WorkReport | ticking.CombinedReport>(queue: Queue, report: R): Promise<R> {
  const ended = report.succeeded + report.retried + report.failed + report.cancelled
  if (report.more && ended > 0) await queue.nudge()
  return report
}

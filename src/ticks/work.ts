import { ConfigurationError } from '../errors.ts'
import type { Settings, Worker } from '../settings.ts'
import { type Core, pass, type TickOptions, type TickReport } from './core.ts'
import { Invocation } from './invocation.ts'

/** What a work tick did with the jobs it claimed. */
export interface Worked {
  claimed: number
  succeeded: number
  /** Failed, and run again. */
  retried: number
  failed: number
  released: number
  /** Ended after another tick had settled them: nothing was written. */
  stale: number
}

export interface WorkReport extends TickReport, Worked {
  readonly worker: string
}

export interface WorkOptions extends TickOptions {
  /** Keep looking for work until the deadline or the signal. Default false: stop when there is none. */
  readonly linger?: boolean
  /** Aborted: release the jobs in hand at once. */
  readonly immediate?: AbortSignal
  /** The longest lease. Default: `processAliveThreshold`. */
  readonly leaseMs?: number
  /** How often the lease is renewed. Default: `heartbeatInterval`. */
  readonly heartbeatMs?: number
  /** Calls `wake` when there may be new work: a lingering tick looks at once. Returns what stops that. */
  readonly onNudge?: (wake: () => void) => () => void
  /** What the invocation calls itself in errors, such as `host:pid`. Default: the worker's name. */
  readonly name?: string
}

/**
 * Claims and performs jobs, `concurrency` at a time. As performings end, they are settled and the free slots claimed,
 * in one batch. Stops when there is no work, or when the deadline is near: handlers are told `shutdownGrace` before it,
 * what ends in time is settled, the rest released.
 *
 * @throws DatabaseError when not even the first claim could be made
 */
export function work(core: Core, worker: Worker, options: WorkOptions = {}): Promise<WorkReport> {
  return pass(core, 'work', async (run) => {
    const invocation = new Invocation(core, worker, run, options)
    await invocation.work()
    return { worker: worker.name, ...invocation.worked, more: invocation.more }
  })
}

/** The worker of that name; the first without one. @throws ConfigurationError when there is none */
export function workerOf({ workers }: Settings, name?: string): Worker {
  const worker = name === undefined ? workers.values().next().value : workers.get(name)
  if (worker) return worker
  throw new ConfigurationError('work()', [
    `worker: "${name}" is not defined; there are ${[...workers.keys()].join(', ')}`,
  ])
}

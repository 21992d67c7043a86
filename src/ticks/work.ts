import { ConfigurationError } from '../errors.ts'
import type { Settings, Worker } from '../settings.ts'
import type { Core } from '../core.ts'
import { pass, type TickReport } from './pass.ts'
import { Invocation } from './invocation.ts'
import type { InvocationOptions } from './work-options.ts'
import type { Worked } from './worked.ts'

export interface WorkReport extends TickReport, Worked {
  readonly worker: string
}

/**
 * Claims and performs jobs, `concurrency` at a time. As performings end, they are settled and the free slots claimed,
 * in one batch. Stops when there is no work, or when the deadline is near: handlers are told `shutdownGrace` before it,
 * jobs that end in time are settled, and the rest are released.
 *
 * @param began when the platform's invocation began, in ms of this machine's clock; default: now
 * @throws DatabaseError when not even the first claim could be made
 */
export function work(
  core: Core,
  worker: Worker,
  options: InvocationOptions = {},
  began: number = Date.now(),
): Promise<WorkReport> {
  return pass(core, 'work', options, async (run) => {
    const invocation = new Invocation(core, worker, run, options, began)
    await invocation.work()
    return { worker: worker.name, ...invocation.worked, more: invocation.more }
  })
}

/** The worker of that name; the first worker without a name. @throws ConfigurationError when there is none */
export function workerOf({ workers }: Settings, name?: string): Worker {
  const worker = name === undefined ? workers.values().next().value : workers.get(name)
  if (worker) return worker
  throw new ConfigurationError('work()', [
    { path: 'worker', message: `"${name}" is not defined; there are ${[...workers.keys()].join(', ')}` },
  ])
}

import type { Driver } from '../dialects/driver.ts'
import type { Emitter } from '../events.ts'
import type { PayloadCodec } from '../job/payload.ts'
import type { Handler, Task, TransactionalEnqueuer } from '../job/contract.ts'
import type { Deployment } from '../recurring/deployment.ts'
import type { Settings } from '../settings.ts'
import { type Runner, runner, type Traffic } from '../transitions/run.ts'

/** One open queue, as every tick needs it. */
export interface Core {
  readonly driver: Driver
  readonly settings: Settings
  readonly tasks: ReadonlyMap<string, Task>
  /** The names of queues that are allowed; null: any. */
  readonly queues: ReadonlySet<string> | null
  readonly handlers: ReadonlyMap<string, Handler<never, unknown>>
  readonly codec: PayloadCodec
  readonly deployment: Deployment
  readonly emitter: Emitter
  /** The enqueuer that handlers get. */
  readonly enqueuer: TransactionalEnqueuer
  /** From 0 to 1. */
  readonly random: () => number
}

/** How long a tick may take. */
export interface TickOptions {
  /** When the platform ends the invocation; work in hand is released shortly before. Default: never. */
  readonly deadline?: Date
  /** Aborted: claim nothing more, let handlers end within `shutdownGrace`, release the rest. */
  readonly signal?: AbortSignal
  /** Aborted: release the jobs in hand at once. */
  readonly immediate?: AbortSignal
}

/** The report of a tick, beside its counts. */
export interface TickReport extends Traffic {
  /** Work remains: another tick should follow at once. */
  readonly more: boolean
}

/**
 * Runs one actor's pass: tells the hooks, and counts the round trips. `add` counts the round trips of a pass within it.
 */
export async function pass<R extends object>(
  core: Core,
  actor: string,
  { deadline }: TickOptions,
  body: (run: Runner['run'], add: (traffic: Traffic) => void) => Promise<R & { more: boolean }>,
): Promise<R & TickReport> {
  const traffic = { roundTrips: 0, retriedBatches: 0 }
  core.emitter.emit('tick.started', { actor })
  const done = await body(
    runner(core.driver, { traffic, random: core.random, ...(deadline && { deadline }) }).run,
    (within) => {
      traffic.roundTrips += within.roundTrips
      traffic.retriedBatches += within.retriedBatches
    },
  )
  const report = { ...done, ...traffic }
  core.emitter.emit('tick.finished', { actor, report })
  return report
}

/** Milliseconds left; `Infinity` without a deadline. */
export function remainingMs({ deadline }: TickOptions): number {
  return deadline ? deadline.getTime() - Date.now() : Number.POSITIVE_INFINITY
}

/** Whether a loop of batches should stop: it was told to, or less than a second is left. */
export function shouldStop(options: TickOptions): boolean {
  return options.signal?.aborted === true || remainingMs(options) < 1000
}

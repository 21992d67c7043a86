import type { Core } from '../core.ts'
import { type Runner, runner, type Traffic } from '../transitions/run.ts'

/** How long a pass may take. */
export interface PassOptions {
  /** When the platform ends the invocation; work in hand is released shortly before. Default: never. */
  readonly deadline?: Date | undefined
  /** Aborted: claim nothing more, let handlers end within `shutdownGrace`, release the rest. */
  readonly signal?: AbortSignal | undefined
  /** Aborted: release the jobs in hand at once. */
  readonly immediate?: AbortSignal | undefined
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
  { deadline }: PassOptions,
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
export function remainingMs({ deadline }: PassOptions): number {
  return deadline ? deadline.getTime() - Date.now() : Number.POSITIVE_INFINITY
}

/** Whether a loop of batches should stop: it was told to, or less than a second is left. */
export function shouldStop(options: PassOptions): boolean {
  return options.signal?.aborted === true || remainingMs(options) < 1000
}

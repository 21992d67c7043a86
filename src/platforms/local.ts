import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { longestTimerMs } from '../job/timer.ts'
import type { Logger } from '../events.ts'
import type { Queue } from '../queue.ts'
import { RecurrentProblem } from '../recurrent-problem.ts'
import type { Settings } from '../settings.ts'
import { JobsInHand } from './jobs-in-hand.ts'
import { warnOfStandstills } from './standstill.ts'
import { dispatch, maintain, prune, schedule, work } from '../ticks/index.ts'

/** The actors of the local runner, each in a loop of its own. */
export const localActors = ['dispatch', 'work', 'schedule', 'prune', 'maintain'] as const
export type LocalActor = (typeof localActors)[number]

const dispatchIntervalMs = 1000
const scheduleIntervalMs = 1000
const pruneIntervalMs = 5000
const longestLeaseMs = 30_000
const longestHeartbeatMs = 10_000

/** Nudges within one process: an enqueue wakes the workers. */
export class LocalNudges {
  readonly #wakes = new Set<() => void>()

  readonly nudge = (): void => {
    for (const wake of this.#wakes) wake()
  }

  /** Calls `wake` at each nudge. Returns a function that ends this. */
  readonly onNudge = (wake: () => void): (() => void) => {
    this.#wakes.add(wake)
    return () => void this.#wakes.delete(wake)
  }
}

export interface LocalOptions {
  readonly settings: Settings
  readonly logger: Logger
  /** Wakes the workers; give its `nudge` to the queue's connection. */
  readonly nudges: LocalNudges
  /** Default: all. */
  readonly only?: readonly LocalActor[]
  /** Aborted: end gracefully, within `shutdownGrace`. */
  readonly signal: AbortSignal
  /** Aborted: release the jobs in hand at once. */
  readonly immediate: AbortSignal
}

/**
 * Runs the actors in this process until `signal` is aborted: for development, and for machines that are always on.
 * Its leases are short, 30 s renewed each 10 s, so the jobs of a process that was killed are soon settled by another.
 */
export async function runLocally(queue: Queue, options: LocalOptions): Promise<void> {
  const { settings, logger, nudges, only = localActors, signal, immediate } = options
  const heartbeatMs = Math.min(longestHeartbeatMs, settings.heartbeatIntervalMs)

  const untilStopped = async (
    actor: string,
    pauseMs: number,
    pass: (onAnswer: () => void) => Promise<unknown>,
  ): Promise<void> => {
    const failing = new RecurrentProblem(
      { level: 'error', message: `${actor} failed; trying again`, over: `${actor} goes on` },
      (level, message, fields) => logger[level](fields, message),
    )
    const goOn = () => failing.ended(actor)
    while (!signal.aborted) {
      let wait = pauseMs
      try {
        await pass(goOn)
        goOn()
      } catch (error) {
        failing.came(actor, { actor, error })
        wait = Math.max(1000, pauseMs)
      }
      await sleep(Math.min(wait, longestTimerMs), undefined, { signal }).catch(() => {})
    }
  }

  const loops: Record<LocalActor, () => Promise<unknown>> = {
    dispatch: () =>
      untilStopped('dispatch', dispatchIntervalMs, async () => {
        const { dispatched } = await dispatch(queue, { signal })
        if (dispatched > 0) nudges.nudge()
      }),
    schedule: () => untilStopped('schedule', scheduleIntervalMs, () => schedule(queue, { signal })),
    prune: () => untilStopped('prune', pruneIntervalMs, () => prune(queue, { signal })),
    maintain: () => untilStopped('maintain', settings.maintenanceIntervalMs, () => maintain(queue, { signal })),
    work: () =>
      Promise.all(
        [...settings.workers.keys()].map((worker) =>
          untilStopped(`worker ${worker}`, 0, (onAnswer) =>
            work(queue, {
              worker,
              name: `${hostname()}:${process.pid}`,
              linger: true,
              leaseMs: Math.min(longestLeaseMs, settings.processAliveThresholdMs),
              heartbeatMs,
              onNudge: nudges.onNudge,
              onAnswer,
              signal,
              immediate,
            }),
          ),
        ),
      ),
  }
  const endWarning = only.includes('work') ? warnOfStandstills(new JobsInHand(queue), heartbeatMs, logger) : () => {}
  try {
    await Promise.all(only.map((actor) => loops[actor]()))
  } finally {
    endWarning()
  }
}

import type { Core } from '../core.ts'
import { ConfigurationError } from '../errors.ts'
import { quote } from '../job/quote.ts'
import { sleep } from '../job/timer.ts'
import { RecurrentProblem } from '../recurrent-problem.ts'
import type { Worker } from '../settings.ts'
import { dispatch } from './dispatch.ts'
import { JobsInHand } from './jobs-in-hand.ts'
import { maintain } from './maintain.ts'
import { prune } from './prune.ts'
import { schedule } from './schedule.ts'
import { warnOfStandstills } from './standstill.ts'
import { work } from './work.ts'

/** The actors of a process, each in a loop of its own; `work` has one for each worker. */
export const actors = ['dispatch', 'work', 'schedule', 'prune', 'maintain'] as const
export type Actor = (typeof actors)[number]

export interface RunOptions {
  /** Aborted: claim nothing more, let handlers end within `shutdownGrace`, release the rest. Then `run` resolves. */
  readonly signal: AbortSignal
  /** Aborted together with `signal`, or after it: release the jobs in hand at once. Default: never. */
  readonly immediate?: AbortSignal | undefined
  /** Default: all. */
  readonly only?: readonly Actor[] | undefined
  /** The name of its invocations in errors, such as `host:pid`. Default: the worker's name. */
  readonly name?: string | undefined
}

const dispatchIntervalMs = 1000
const scheduleIntervalMs = 1000
const pruneIntervalMs = 5000
const failureIntervalMs = 1000
const longestLeaseMs = 30_000
const longestHeartbeatMs = 10_000

/**
 * Runs the actors in this process until the signal. A pass that fails is logged, and tried again.
 *
 * @throws ConfigurationError listing what is wrong with the options
 */
export async function run(core: Core, options: RunOptions): Promise<void> {
  const { signal, immediate, only = actors, name } = checked(options)
  const { settings, emitter } = core
  const heartbeatMs = Math.min(longestHeartbeatMs, settings.heartbeatIntervalMs)
  const bounds = { signal, ...(immediate && { immediate }) }

  const untilStopped = async (
    actor: string,
    pauseMs: number,
    pass: (onAnswer: () => void) => Promise<unknown>,
  ): Promise<void> => {
    const failing = new RecurrentProblem(
      { level: 'error', message: `${actor} failed; trying again`, over: `${actor} goes on` },
      (...line) => emitter.log(...line),
    )
    const goOn = () => failing.ended(actor)
    while (!signal.aborted) {
      let wait = pauseMs
      try {
        await pass(goOn)
        goOn()
      } catch (error) {
        failing.came(actor, { actor, error })
        wait = failureIntervalMs
      }
      await sleep(wait, signal)
    }
  }

  const workAs = (worker: Worker): Promise<void> =>
    untilStopped(`worker ${worker.name}`, 0, (onAnswer) =>
      work(core, worker, {
        ...bounds,
        ...(name === undefined ? {} : { name }),
        linger: true,
        leaseMs: Math.min(longestLeaseMs, settings.processAliveThresholdMs),
        heartbeatMs,
        onAnswer,
      }),
    )

  const loops: Record<Actor, () => Promise<unknown>> = {
    dispatch: () =>
      untilStopped('dispatch', dispatchIntervalMs, async () => {
        const { dispatched } = await dispatch(core, bounds)
        if (dispatched > 0) core.nudges.later()
      }),
    schedule: () => untilStopped('schedule', scheduleIntervalMs, () => schedule(core, bounds)),
    prune: () => untilStopped('prune', pruneIntervalMs, () => prune(core, bounds)),
    maintain: () => untilStopped('maintain', settings.maintenanceIntervalMs, () => maintain(core, bounds)),
    work: () => Promise.all([...settings.workers.values()].map(workAs)),
  }
  const inHand = new JobsInHand(emitter)
  const endWarning = warnOfStandstills(inHand, heartbeatMs, emitter)
  try {
    await Promise.all(only.map((actor) => loops[actor]()))
  } finally {
    endWarning()
    inHand.close()
  }
}

/** @throws ConfigurationError listing everything that is wrong */
function checked(options: RunOptions): RunOptions {
  const issues = []
  if (!(options?.signal instanceof AbortSignal))
    issues.push({ path: 'signal', message: 'use an AbortSignal: run() ends when it is aborted' })
  for (const actor of options?.only ?? [])
    if (!actors.includes(actor))
      issues.push({ path: 'only', message: `${quote(actor)} is no actor; there are ${actors.join(', ')}` })
  if (issues.length > 0) throw new ConfigurationError('run()', issues)
  return options
}

import type { Emitter } from '../events.ts'
import { formatDuration } from '../job/duration.ts'
import type { JobsInHand } from './jobs-in-hand.ts'

const lookMs = 1000

/**
 * Warns each time that this process has stood still for longer than its heartbeat. A handler then computed without a
 * pause: no lease was renewed, no timeout could fire, and other processes may have taken the jobs. Returns a function
 * that ends the warnings.
 */
export function warnOfStandstills(inHand: JobsInHand, heartbeatMs: number, emitter: Emitter): () => void {
  const everyMs = Math.min(lookMs, heartbeatMs / 2)
  let lookedAt = performance.now()
  const timer = setInterval(() => {
    const stoodMs = performance.now() - lookedAt
    // Includes the jobs that have ended since: the one that blocked the process may be among them.
    const jobs = inHand.sinceLook()
    if (stoodMs > heartbeatMs + everyMs)
      emitter.log(
        'warn',
        `This process stood still for ${formatDuration(stoodMs)}: its leases were not renewed, and its jobs may run elsewhere. Let what computes for long pause now and then (await setImmediate() of node:timers/promises), or do it in a worker thread`,
        { stoodMs: Math.round(stoodMs), ...jobs },
      )
    lookedAt = performance.now()
  }, everyMs)
  return () => clearInterval(timer)
}

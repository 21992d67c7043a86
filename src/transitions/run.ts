import { type Driver, isDatabaseError } from '../dialects/driver.ts'
import { QueueError } from '../errors.ts'
import { explainMissingTables } from '../schema-error.ts'
import { batchOf, type Transition } from './transition.ts'

/** The answer to a batch was lost, and the batch may not be sent again. Look at the job before you try again. */
export class OutcomeUnknownError extends QueueError {
  override readonly name = 'OutcomeUnknownError'
  readonly code = 'OUTCOME_UNKNOWN'
}

/** The cost of sending, counted for a report. */
export interface Traffic {
  /** Batches sent, the repeated ones too. */
  roundTrips: number
  /** Batches sent again: after a deadlock, a busy database or a lost answer. */
  retriedBatches: number
}

/** A batch that begins near the deadline, such as the last settlement, still has a second. */
const atLeast = (deadline: Date): Date => new Date(Math.max(deadline.getTime(), Date.now() + 1000))

/** Sends batches to one database, and repeats them where it is safe. */
export interface Runner {
  readonly driver: Driver
  run<T>(transition: Transition<T>): Promise<T>
}

const maxTries = 8
/**
 * A batch is not tried again after this time: each try at an unreachable database takes the timeout of a connection.
 */
const longestMs = 20_000

/**
 * Repeats a batch that failed without a trace (deadlock, busy, unreachable), with jitter; at most eight tries. Repeats
 * a batch whose answer was lost only if all its transitions are idempotent. After 20 s, or the deadline, no batch is
 * repeated.
 *
 * @param deadline when a database that has not answered is given up; null, the default: never
 */
export function runner(
  driver: Driver,
  {
    traffic,
    random = Math.random,
    deadline = null,
  }: { traffic?: Traffic; random?: () => number; deadline?: Date | null } = {},
): Runner {
  const run = async <T>(transition: Transition<T>): Promise<T> => {
    const { locks, statements } = batchOf(driver.dialect, transition)
    if (statements.length === 0) return transition.read([], { resent: false })
    let resent = false
    const giveUpAt = Math.min(Date.now() + longestMs, deadline?.getTime() ?? Number.POSITIVE_INFINITY)
    for (let tries = 1; ; tries += 1) {
      try {
        if (traffic) traffic.roundTrips += 1
        const results = await driver.batch(statements, { deadline: deadline && atLeast(deadline) })
        return transition.read(locks === 0 ? results : results.slice(locks), { resent })
      } catch (error) {
        if (!isDatabaseError(error) || error.failure === 'duplicate') throw error
        if (error.failure === 'other' || error.failure === 'missing' || error.failure === 'exists')
          throw explainMissingTables(error, driver)
        if (error.failure === 'unknown') {
          if (!transition.idempotent)
            throw new OutcomeUnknownError(
              'The answer of the database was lost: whether it wrote is not known, and writing again might do it twice.',
              { cause: error },
            )
          resent = true
        }
        if (tries >= maxTries || Date.now() >= giveUpAt) throw error
        if (traffic) traffic.retriedBatches += 1
        // 5 ms, doubling, up to 640 ms; each wait is between half of it and the whole.
        const wait = 5 * 2 ** Math.min(tries - 1, 7)
        await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + random() / 2)))
      }
    }
  }
  return { driver, run }
}

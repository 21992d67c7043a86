import { DatabaseError, type Driver } from '../dialects/driver.ts'
import { QueueError } from '../errors.ts'
import { explainMissingTables } from '../schema-error.ts'
import { batchOf, type Transition } from './transition.ts'

/** The answer to a batch was lost, and it is not one that may be sent again. Look at the job before you try again. */
export class OutcomeUnknownError extends QueueError {
  override readonly name = 'OutcomeUnknownError'
  readonly code = 'OUTCOME_UNKNOWN'
}

/** What sending cost. Counted by whoever wants it in a report. */
export interface Traffic {
  /** Batches sent, the repeated ones too. */
  roundTrips: number
  /** Batches sent again: after a deadlock, a busy database or a lost answer. */
  retriedBatches: number
}

/** A batch that begins near the deadline, such as the last settlement, has a second all the same. */
const atLeast = (deadline: Date): Date => new Date(Math.max(deadline.getTime(), Date.now() + 1000))

/** Sends batches to one database, and sends again what may be sent again. */
export interface Runner {
  readonly driver: Driver
  run<T>(transition: Transition<T>): Promise<T>
}

const maxTries = 8
/** After so long a batch is not tried again: a database that cannot be reached takes the timeout of a connection each time. */
const longestMs = 20_000

/**
 * A batch that failed without a trace (deadlock, busy, unreachable) is sent again, with jitter, at most eight times;
 * one whose answer was lost only if all its transitions are idempotent. After 20 s, or the deadline, none is.
 *
 * @param deadline when a database that has not answered is given up; null, as the default: never
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
        if (!(error instanceof DatabaseError) || error.failure === 'duplicate') throw error
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
        // 5 ms, doubling, up to 640 ms, each anywhere between half and the whole.
        const wait = 5 * 2 ** Math.min(tries - 1, 7)
        await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + random() / 2)))
      }
    }
  }
  return { driver, run }
}

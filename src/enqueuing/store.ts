import { type Driver, isDatabaseError } from '../dialects/driver.ts'
import type { NewJob, Placed } from '../dialects/moves.ts'
import type { Enqueued, Skipped } from '../job/enqueued.ts'
import { enqueue } from '../transitions/enqueue.ts'
import { findStates } from '../transitions/find-states.ts'
import { runner } from '../transitions/run.ts'
import { batches } from './batches.ts'

/**
 * Stores jobs batch by batch, two at a time, so that one batch is being written while the next one travels.
 *
 * @param given the ids that the application gave; all others are new
 * @returns the outcomes in the order of `jobs`
 * @throws DatabaseError; the batches that were stored stay
 */
export async function store(
  driver: Driver,
  jobs: readonly NewJob[],
  given: ReadonlySet<string>,
): Promise<(Enqueued | Skipped)[]> {
  const stored: (Enqueued | Skipped)[][] = []
  const waiting = batches(jobs)
  const lane = async () => {
    // A failure ends the generator, and with it the other lane.
    for (const [index, batch] of waiting) stored[index] = await storeBatch(driver, batch, given)
  }
  const lanes = await Promise.allSettled([lane(), lane()])
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason
  return stored.flat()
}

/** Stores a batch. An id that is stored already, by an earlier try or another call, is answered with its state now. */
async function storeBatch(
  driver: Driver,
  jobs: readonly NewJob[],
  given: ReadonlySet<string>,
): Promise<(Enqueued | Skipped)[]> {
  const { run } = runner(driver)
  const outcomes = new Map<string, Enqueued | Skipped>()
  let missing = distinct(jobs)
  for (let vanished = 0; missing.length > 0;) {
    try {
      const placed = await run(enqueue(driver.dialect, { jobs: missing }))
      for (const { id } of missing) outcomes.set(id, outcomeOf(id, placed.get(id)))
      break
    } catch (error) {
      if (!isDatabaseError(error) || error.failure !== 'duplicate') throw error
      const stored = await run(findStates(driver.dialect, { ids: missing.map(({ id }) => id) }))
      // The jobs were stored, done, and cleared between the two statements. At the third time, something else refuses
      // the ids.
      if (stored.size === 0 && (vanished += 1) === 3) throw error
      // A new id can be there by an earlier try of this batch alone, which then stored all of it.
      const created = missing.some(({ id }) => stored.has(id) && !given.has(id))
      for (const [id, state] of stored) outcomes.set(id, { id, state, created })
      missing = missing.filter(({ id }) => !outcomes.has(id))
    }
  }
  return answersOf(jobs, outcomes)
}

/** The outcome of each job, in order. Of jobs that have one id, the first was created. */
export function answersOf<Outcome extends Enqueued | Skipped>(
  jobs: readonly NewJob[],
  outcomes: ReadonlyMap<string, Outcome>,
): Outcome[] {
  const answered = new Set<string>()
  return jobs.map(({ id }) => {
    const outcome = outcomes.get(id) as Outcome
    const again = answered.has(id)
    answered.add(id)
    return again && outcome.id !== null ? { ...outcome, created: false } : outcome
  })
}

function outcomeOf(id: string, placed: Placed | undefined): Enqueued | Skipped {
  if (placed?.state === 'skipped') return { id: null, state: 'skipped', heldBy: placed.heldBy }
  return { id, state: placed?.state ?? 'ready', created: true }
}

/** Leaves the first job of each id. */
export function distinct(jobs: readonly NewJob[]): NewJob[] {
  const ids = new Set<string>()
  return jobs.filter(({ id }) => !ids.has(id) && ids.add(id))
}

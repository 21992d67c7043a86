import { v7 as uuidv7 } from 'uuid'
import type { Driver } from '../../src/dialects/driver.ts'
import type { ClaimInput, Ending, PrunedJob } from '../../src/dialects/moves.ts'
import { dispatch } from '../../src/transitions/dispatch.ts'
import { retire } from '../../src/transitions/lease.ts'
import { prune } from '../../src/transitions/prune.ts'
import { runner } from '../../src/transitions/run.ts'
import { settle, type Settled } from '../../src/transitions/settle.ts'
import { claimOf as handMadeClaim, endingOf } from '../support/claims.ts'
import { combine } from '../../src/transitions/transition.ts'

// Invocations made by hand. The processes of the SQLite races make them too, so there is no vitest here.

/** How long a hand-made claim is held. */
export const leaseMs = 60_000

/** An invocation and the jobs that it holds. */
export interface Holding {
  readonly invocationId: string
  readonly ids: readonly string[]
}

export const claimOf = (
  driver: Driver,
  set: Pick<ClaimInput, 'invocationId' | 'max'> & Partial<Omit<ClaimInput, 'queues'>>,
) =>
  handMadeClaim(driver, {
    // A worker of its own: first claims of different workers do not wait for each other.
    worker: set.invocationId,
    leaseMs,
    maxInvocations: 1000,
    ...set,
  })

export const endingsOf = ({ dialect }: Driver, { invocationId, ids }: Holding, set: Partial<Omit<Ending, 'id'>> = {}) =>
  settle(dialect, { invocationId, endings: ids.map((id) => endingOf({ id, ...set })) })

/** The first claim of an invocation; of a new one without a `invocationId`. */
export async function hold(
  driver: Driver,
  { invocationId = uuidv7(), ...set }: Partial<Omit<ClaimInput, 'queues'>> & { max: number },
): Promise<Holding> {
  const jobs = await runner(driver).run(claimOf(driver, { invocationId, ...set }))
  return { invocationId, ids: jobs.map(({ id }) => id) }
}

/** Invocations that hold `each` jobs. Their leases end one after the other, the last one after `leaseMs`. */
export async function holdMany(driver: Driver, count: number, each: number): Promise<Holding[]> {
  const holdings: Holding[] = []
  for (let left = count; left > 0; left -= 1)
    holdings.push(await hold(driver, { max: each, leaseMs: leaseMs - left + 1 }))
  return holdings
}

/** Ends all that an invocation holds, and the invocation. */
export async function end(
  driver: Driver,
  holding: Holding,
  set: Partial<Omit<Ending, 'id'>> = {},
): Promise<ReadonlyMap<string, Settled>> {
  const { settled } = await runner(driver).run(
    combine({
      settled: endingsOf(driver, holding, set),
      retired: retire(driver.dialect, { invocationId: holding.invocationId }),
    }),
  )
  return settled
}

/**
 * Prunes, `max` invocations at a time, until there are none.
 *
 * @param meet waited for after the first batch
 */
export async function pruneAll(
  driver: Driver,
  { max, meet }: { max: number; meet?: () => Promise<void> },
): Promise<PrunedJob[]> {
  const pruned: PrunedJob[] = []
  for (let batch = 1; ; batch += 1) {
    const jobs = await runner(driver).run(prune(driver.dialect, { max }))
    if (batch === 1) await meet?.()
    if (jobs.length === 0) return pruned
    pruned.push(...jobs)
  }
}

export async function dispatchAll(driver: Driver): Promise<void> {
  await runner(driver).run(dispatch(driver.dialect, { max: 10_000 }))
}

/**
 * Claims, settles and claims again, as a work tick does, until nothing is left. Returns all that it claimed.
 *
 * @param meet waited for after the first claim
 */
export async function claimAll(
  driver: Driver,
  { max, meet }: { max: number; meet?: () => Promise<void> },
): Promise<string[]> {
  const invocationId = uuidv7()
  const claimed: string[] = []
  let { ids } = await hold(driver, { invocationId, max })
  await meet?.()
  for (let number = 1; ids.length > 0; number += 1) {
    claimed.push(...ids)
    const { jobs } = await runner(driver).run(
      combine({
        settled: endingsOf(driver, { invocationId, ids }, { claim: number }),
        jobs: claimOf(driver, { invocationId, max, claim: number + 1, first: false }),
        retired: retire(driver.dialect, { invocationId }),
      }),
    )
    ids = jobs.map(({ id }) => id)
  }
  return claimed
}

import type { Dialect } from '../dialects/dialect.ts'
import type { NewJob, Placed } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Stores jobs: each becomes ready, or scheduled when it is not due yet. A limited job becomes ready when its key has a
 * permit free and no waiting job; otherwise it is blocked or skipped, as the job says. All or none; skipped jobs do not
 * count.
 *
 * Reads: the jobs that are not ready. Fails with a `duplicate` when one of the ids is stored already; since a batch is
 * atomic, an enqueue that is sent again and finds all its ids was committed the first time.
 */
export function enqueue(
  dialect: Dialect,
  { jobs }: { jobs: readonly NewJob[] },
): Transition<ReadonlyMap<string, Placed>> {
  const keys = jobs.flatMap(({ id, concurrency }) =>
    concurrency ? [{ key: concurrency.key, limit: concurrency.limit, jobId: id }] : [],
  )
  if (keys.length === 0) return enqueueUnplaced(dialect, { jobs })
  return ofMove(dialect.moves.enqueueLimited(dialect.bind, { jobs }), {
    locks: [{ of: 'keys', keys }],
    idempotent: true,
  })
}

/** Stores jobs without a lock: limited jobs are scheduled, and placed when they are dispatched. */
export function enqueueUnplaced(
  dialect: Dialect,
  { jobs }: { jobs: readonly NewJob[] },
): Transition<ReadonlyMap<string, Placed>> {
  return ofMove(dialect.moves.enqueue(dialect.bind, { jobs }), { idempotent: true })
}

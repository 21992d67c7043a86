import type { Dialect } from '../dialects/dialect.ts'
import type { NewJob } from '../dialects/moves.ts'
import type { Row } from '../dialects/query.ts'
import type { Transition } from './transition.ts'

/** Where a job is that is not ready: it waits, or it was not stored, since its key was full. */
export type Placed =
  | { readonly state: 'scheduled' | 'blocked' }
  | {
      readonly state: 'skipped'
      /** Jobs that hold the key, ten at most. */
      readonly heldBy: readonly string[]
    }

/**
 * Stores jobs: each becomes ready, or scheduled when it is not due yet. One that is limited becomes ready when its key has
 * a permit free and nobody waits for it; else it is blocked, or skipped, as it says. All of them or none, but for those.
 *
 * Reads: those that are not ready. Fails with a `duplicate` when one of the ids is stored already; since a
 * batch is atomic, an enqueue that is sent again and finds all its ids was committed the first time.
 */
export function enqueue(
  dialect: Dialect,
  { jobs }: { jobs: readonly NewJob[] },
): Transition<ReadonlyMap<string, Placed>> {
  const keys = jobs.flatMap(({ id, concurrency }) =>
    concurrency ? [{ key: concurrency.key, limit: concurrency.limit, jobId: id }] : [],
  )
  if (keys.length === 0) return enqueueUnplaced(dialect, { jobs })
  return {
    locks: [{ of: 'keys', keys }],
    statements: dialect.moves.enqueueLimited(dialect.bind, { jobs }),
    idempotent: true,
    read: ({ rows }) => new Map(rows.map(readPlaced)),
  }
}

/** The same without a lock: jobs that are limited are scheduled, and placed when they are dispatched. */
export function enqueueUnplaced(
  dialect: Dialect,
  { jobs }: { jobs: readonly NewJob[] },
): Transition<ReadonlyMap<string, Placed>> {
  return {
    locks: [],
    statements: dialect.moves.enqueue(dialect.bind, { jobs }),
    idempotent: true,
    read: ({ rows }) => new Map(rows.map(readPlaced)),
  }
}

function readPlaced(row: Row): [string, Placed] {
  const id = String(row['job_id'])
  const state = row['state'] as Placed['state']
  return [id, state === 'skipped' ? { state, heldBy: JSON.parse(String(row['held_by'])) as string[] } : { state }]
}

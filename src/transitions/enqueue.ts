import type { Dialect } from '../dialects/dialect.ts'
import type { NewJob } from '../dialects/moves.ts'
import type { Transition } from './transition.ts'

/**
 * Stores jobs: each becomes ready, or scheduled when it is not due yet. All of them or none.
 *
 * Reads: the ids of those that are scheduled. Fails with a `duplicate` when one of the ids is stored already; since a
 * batch is atomic, an enqueue that is sent again and finds all its ids was committed the first time.
 */
export function enqueue(dialect: Dialect, { jobs }: { jobs: readonly NewJob[] }): Transition<ReadonlySet<string>> {
  return {
    keys: [],
    statements: dialect.moves.enqueue(dialect.bind, { jobs }),
    idempotent: true,
    read: ({ rows }) => new Set(rows.map((row) => String(row['job_id']))),
  }
}

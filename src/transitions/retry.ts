import type { Dialect } from '../dialects/dialect.ts'
import { idsOf } from './ids.ts'
import type { Transition } from './transition.ts'

/**
 * Puts failed jobs back to ready, under their ids, with all their attempts; to blocked, where a key is full. Reads: which of them.
 *
 * Not idempotent: between two sendings a job may have run and failed again, which would be a retry nobody asked for.
 */
export function retry(dialect: Dialect, { ids }: { ids: readonly string[] }): Transition<readonly string[]> {
  return {
    locks: [{ of: 'jobs', ids }],
    statements: dialect.moves.retry(dialect.bind, { ids }),
    idempotent: false,
    read: idsOf,
  }
}

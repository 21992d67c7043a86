import type { Dialect } from '../dialects/dialect.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Puts failed jobs back to ready, under their ids, with all their attempts; to blocked, where a key is full. Reads: the
 * ids that were put back.
 *
 * Not idempotent: between two sendings a job may have run and failed again, and a second retry would be one too many.
 */
export function retry(dialect: Dialect, { ids }: { ids: readonly string[] }): Transition<readonly string[]> {
  return ofMove(dialect.moves.retry(dialect.bind, { ids }), { locks: [{ of: 'jobs', ids }], idempotent: false })
}

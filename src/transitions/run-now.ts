import type { Dialect } from '../dialects/dialect.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Puts scheduled jobs to ready, whenever they are due; to blocked, where a key is full. Reads: the ids that were put
 * there.
 *
 * Not idempotent: between two sendings a job may have run and failed, and its backoff would be cut short.
 */
export function runNow(dialect: Dialect, { ids }: { ids: readonly string[] }): Transition<readonly string[]> {
  return ofMove(dialect.moves.runNow(dialect.bind, { ids }), { locks: [{ of: 'jobs', ids }], idempotent: false })
}

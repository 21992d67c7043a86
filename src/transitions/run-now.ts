import type { Dialect } from '../dialects/dialect.ts'
import { idsOf } from './ids.ts'
import type { Transition } from './transition.ts'

/**
 * Moves scheduled jobs to ready, whenever they are due; to blocked, where a key is full. Reads: which of them.
 *
 * Not idempotent: between two sendings a job may have run and failed, and its backoff would be cut short.
 */
export function runNow(dialect: Dialect, { ids }: { ids: readonly string[] }): Transition<readonly string[]> {
  const statements = dialect.moves.runNow(dialect.bind, { ids })
  return { locks: [{ of: 'jobs', ids }], statements, idempotent: false, read: idsOf }
}

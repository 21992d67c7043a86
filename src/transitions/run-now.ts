import type { Dialect } from '../dialects/dialect.ts'
import { newId } from '../job/job-id.ts'
import { idsOf } from './ids.ts'
import type { Transition } from './transition.ts'

/**
 * Moves scheduled jobs to ready, whenever they are due. Reads: which of them.
 *
 * Not idempotent: between two sendings a job may have run and failed, and its backoff would be cut short.
 */
export function runNow(dialect: Dialect, { ids }: { ids: readonly string[] }): Transition<readonly string[]> {
  const statements = dialect.moves.runNow(dialect.bind, { ids, batch: newId() })
  return { keys: [], statements, idempotent: false, read: idsOf }
}

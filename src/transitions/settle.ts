import type { Dialect } from '../dialects/dialect.ts'
import type { Ending } from '../dialects/moves.ts'
import type { Transition } from './transition.ts'

/**
 * Whether an ending took effect. `stale`: another tick had settled the job, and nothing was written. `unknown`: the
 * batch was sent twice, and the first try may have been the one that settled it.
 */
export type Settled = 'settled' | 'stale' | 'unknown'

/**
 * Ends claims: succeeded → finished; failed, with attempts left → scheduled at its backoff; failed for good → failed;
 * released → ready. Fenced: an ending takes effect only while the claim, of that number, is still this invocation's.
 *
 * Reads: job id → whether it took effect.
 */
export function settle(
  dialect: Dialect,
  { processId, endings }: { processId: string; endings: readonly Ending[] },
): Transition<ReadonlyMap<string, Settled>> {
  return {
    keys: [],
    statements: dialect.moves.settle(dialect.bind, { processId, endings }),
    idempotent: true,
    read: ({ rows }, { resent }) => {
      const own = new Set(rows.map((row) => String(row['job_id'])))
      return new Map(endings.map(({ id }) => [id, own.has(id) ? 'settled' : resent ? 'unknown' : 'stale']))
    },
  }
}

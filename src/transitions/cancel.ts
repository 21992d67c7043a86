import type { Dialect } from '../dialects/dialect.ts'
import type { CancellableState } from '../dialects/moves.ts'
import type { Transition } from './transition.ts'

/** `cancelled`: finished as that. `requested`: its invocation is asked to stop it. */
export type Cancelled = 'cancelled' | 'requested'

/**
 * Cancels jobs that are in this state; null: in any of them. One that waits is finished. One that is claimed is marked:
 * its invocation hears of it, and whatever becomes of it, it does not run again. Reads: id → what was done.
 *
 * Not idempotent: sent again, it could not say what the first try cancelled.
 */
export function cancel(
  dialect: Dialect,
  input: { ids: readonly string[]; state: CancellableState | null },
): Transition<ReadonlyMap<string, Cancelled>> {
  return {
    locks: [{ of: 'jobs', ids: input.ids }],
    statements: dialect.moves.cancel(dialect.bind, input),
    idempotent: false,
    read: ({ rows }) => new Map(rows.map((row) => [String(row['job_id']), row['kind'] as Cancelled])),
  }
}

import type { Dialect } from '../dialects/dialect.ts'
import type { CancellableState, Cancelled } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

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
  return ofMove(dialect.moves.cancel(dialect.bind, input), {
    locks: [{ of: 'jobs', ids: input.ids }],
    idempotent: false,
  })
}

import type { Dialect } from '../dialects/dialect.ts'
import type { CancellableState, Cancelled } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Cancels jobs that are in this state; null: in any state. A waiting job is finished. A claimed job is marked: its
 * invocation learns of the mark, and the job does not run again, however its performing ends. Reads: id → how the
 * job was cancelled.
 *
 * Not idempotent: a second try could not say what the first one cancelled.
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

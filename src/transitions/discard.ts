import type { Dialect } from '../dialects/dialect.ts'
import type { UnclaimedState } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Deletes jobs that are in this state; null: in any of them. A job that is claimed, or being claimed, stays, and one that
 * is finished, too. Reads: which were deleted.
 *
 * Not idempotent: sent again, it could not say what the first try deleted.
 */
export function discard(
  dialect: Dialect,
  input: { ids: readonly string[]; state: UnclaimedState | null },
): Transition<readonly string[]> {
  return ofMove(dialect.moves.discard(dialect.bind, input), {
    locks: [{ of: 'jobs', ids: input.ids }],
    idempotent: false,
  })
}

import type { Dialect } from '../dialects/dialect.ts'
import type { UnclaimedState } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Deletes jobs that are in this state; null: in any state. A job that is claimed, being claimed or finished stays.
 * Reads: the ids that were deleted.
 *
 * Not idempotent: a second try could not say what the first one deleted.
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

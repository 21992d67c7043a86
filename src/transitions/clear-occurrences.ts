import type { Dialect } from '../dialects/dialect.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Deletes records of occurrences older than `olderThanMs`. No deleted occurrence comes again: its recurring task has
 * gone on to later ones. Reads: how many, at most `max`.
 */
export function clearOccurrences(dialect: Dialect, input: { olderThanMs: number; max: number }): Transition<number> {
  return ofMove(dialect.moves.clearOccurrences(dialect.bind, input), { idempotent: true })
}

import type { Dialect } from '../dialects/dialect.ts'
import type { Transition } from './transition.ts'

/** Deletes finished or failed jobs that ended longer ago than `olderThanMs`. Reads: how many, at most `max`. */
export function clear(
  dialect: Dialect,
  input: { state: 'finished' | 'failed'; olderThanMs: number; max: number },
): Transition<number> {
  return {
    keys: [],
    statements: dialect.moves.clear(dialect.bind, input),
    idempotent: true,
    read: ({ affected }) => affected,
  }
}

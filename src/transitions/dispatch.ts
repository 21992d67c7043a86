import type { Dialect } from '../dialects/dialect.ts'
import type { Transition } from './transition.ts'

/**
 * Dispatches scheduled jobs that are due: each becomes ready. Several ticks may run this at once; a job is dispatched
 * by one of them.
 *
 * Reads: how many left scheduled, at most `max`.
 */
export function dispatch(dialect: Dialect, { max }: { max: number }): Transition<number> {
  return {
    keys: [],
    statements: dialect.moves.dispatch(dialect.bind, { max }),
    idempotent: true,
    read: ({ affected }) => affected,
  }
}

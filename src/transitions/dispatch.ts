import type { Dialect } from '../dialects/dialect.ts'
import type { Dispatched } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Dispatches scheduled jobs that are due: each becomes ready; one that is limited, when its key has a permit free, else it
 * is blocked or skipped, as it says. Several ticks may run this at once; a job is dispatched by one of them.
 */
export function dispatch(dialect: Dialect, { max }: { max: number }): Transition<Dispatched> {
  return ofMove(dialect.moves.dispatch(dialect.bind, { max }), { locks: [{ of: 'due', max }], idempotent: true })
}

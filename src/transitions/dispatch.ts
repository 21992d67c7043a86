import type { Dialect } from '../dialects/dialect.ts'
import type { Dispatched } from '../dialects/moves.ts'
import { ofMove, type Transition } from './transition.ts'

/**
 * Dispatches scheduled jobs that are due. Each becomes ready; a limited job does so when its key has a permit free, and
 * otherwise is blocked or skipped, as the job says. Several ticks may dispatch at once; each job is dispatched by one
 * of them.
 */
export function dispatch(dialect: Dialect, { max }: { max: number }): Transition<Dispatched> {
  return ofMove(dialect.moves.dispatch(dialect.bind, { max }), { locks: [{ of: 'due', max }], idempotent: true })
}

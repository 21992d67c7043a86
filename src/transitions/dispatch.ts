import type { Dialect } from '../dialects/dialect.ts'
import type { Transition } from './transition.ts'

/** What a dispatch did. */
export interface Dispatched {
  /** Jobs that left scheduled. */
  readonly dispatched: number
  /** Those of them that were finished as skipped, since their key was full. */
  readonly skipped: number
}

/**
 * Dispatches scheduled jobs that are due: each becomes ready; one that is limited, when its key has a permit free, else it
 * is blocked or skipped, as it says. Several ticks may run this at once; a job is dispatched by one of them.
 */
export function dispatch(dialect: Dialect, { max }: { max: number }): Transition<Dispatched> {
  return {
    locks: [{ of: 'due', max }],
    statements: dialect.moves.dispatch(dialect.bind, { max }),
    idempotent: true,
    read: ({ rows: [row] }) => ({
      dispatched: Number(row?.['dispatched'] ?? 0),
      skipped: Number(row?.['skipped'] ?? 0),
    }),
  }
}

import type { Dialect } from '../dialects/dialect.ts'
import type { Transition } from './transition.ts'

/**
 * Puts a failed job back to ready, under its id, with all its attempts. Reads: whether there was such a failed job.
 *
 * Not idempotent: between two sendings the job may have run and failed again, which would be a retry nobody asked for.
 */
export function retry(dialect: Dialect, { id }: { id: string }): Transition<boolean> {
  return {
    keys: [],
    statements: dialect.moves.retry(dialect.bind, { id }),
    idempotent: false,
    read: ({ rows }) => rows.length > 0,
  }
}

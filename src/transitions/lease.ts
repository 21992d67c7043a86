import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import type { Transition } from './transition.ts'

const extend = query<{ processId: string; leaseMs: number }>(({ processId, leaseMs }, { db, now, after }) =>
  db
    .updateTable('processes')
    .set({ last_heartbeat_at: now, lease_expires_at: after(leaseMs) })
    .where('id', '=', processId),
)

/**
 * Renews an invocation's lease, and writes what its handlers reported meanwhile.
 *
 * Reads: false when the invocation was pruned: its jobs are no longer its own.
 */
export function renew(
  dialect: Dialect,
  input: {
    processId: string
    leaseMs: number
    /** Job id and JSON text. */
    reports: readonly { id: string; progress: string }[]
  },
): Transition<boolean> {
  return {
    keys: [],
    statements: [...dialect.moves.progress(dialect.bind, input), dialect.bind(extend, input)],
    idempotent: true,
    read: ({ affected }) => affected > 0,
  }
}

const leave = query<{ processId: string }>(({ processId }, { db }) =>
  db
    .deleteFrom('processes')
    .where('id', '=', processId)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('claimed_executions').select('job_id').where('process_id', '=', processId))),
    ),
)

/** Deletes the invocation's row if it holds no claim any more. Appended to each batch that settles. Reads: whether it did. */
export function retire(dialect: Dialect, input: { processId: string }): Transition<boolean> {
  return {
    keys: [],
    statements: [dialect.bind(leave, input)],
    idempotent: true,
    read: ({ affected }) => affected > 0,
  }
}

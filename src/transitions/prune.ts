import type { Dialect } from '../dialects/dialect.ts'
import { fingerprintOf } from '../job/fingerprint.ts'
import type { Transition } from './transition.ts'

/** A job whose invocation was lost. `retried`: it runs again; `failed`: with `ProcessPrunedError`; `cancelled`: as was asked. */
export interface PrunedJob {
  readonly id: string
  readonly taskName: string
  readonly queueName: string
  /** The lost invocation. */
  readonly processId: string
  readonly kind: 'retried' | 'failed' | 'cancelled'
}

/** All jobs of a task that were lost are alike. */
const fingerprint = fingerprintOf({ name: 'ProcessPrunedError', message: '' })

/**
 * Settles the jobs of invocations whose lease expired, at most `max` invocations, and claims whose invocation is gone:
 * each by its `onLost`, `retry` while attempts remain. Two pruners at once settle each job once.
 *
 * Reads: those jobs.
 */
export function prune(dialect: Dialect, { max }: { max: number }): Transition<readonly PrunedJob[]> {
  return {
    locks: [{ of: 'lost', max }],
    statements: dialect.moves.prune(dialect.bind, { max, fingerprint }),
    idempotent: true,
    read: ({ rows }) =>
      rows.map((row) => ({
        id: String(row['job_id']),
        taskName: String(row['task_name']),
        queueName: String(row['queue_name']),
        processId: String(row['process_id']),
        kind: row['kind'] as PrunedJob['kind'],
      })),
  }
}

import { type RawBuilder, sql } from 'kysely'
import type { NewJob } from './moves.ts'
import type { Column } from './query.ts'

/** What an enqueue says of a job: the columns of `jobs`, and how each travels in a record. */
export const newJobColumns = {
  id: 'uuid',
  queue_name: 'text',
  task_name: 'text',
  payload: 'json',
  payload_meta: 'json',
  priority: 'integer',
  max_attempts: 'integer',
  on_lost: 'text',
  concurrency_key: 'text',
  concurrency_limit: 'integer',
  concurrency_duration_ms: 'integer',
  on_conflict: 'text',
  recurring_key: 'text',
  recurring_at: 'instant',
} as const satisfies Record<string, Column>

/** Their names, to insert into and to select from such records. */
export const newJobNames: RawBuilder<unknown> = sql.raw(Object.keys(newJobColumns).join(', '))

/** When a job is due: one of both. The database's clock counts `delay`, in milliseconds. */
export const dueColumns = { run_at: 'instant', delay: 'integer' } as const satisfies Record<string, Column>

/** The record of a job, but for its JSON, which travels differently. */
export const newJobRecord = ({ concurrency, recurring, ...job }: NewJob) => ({
  id: job.id,
  queue_name: job.queueName,
  task_name: job.taskName,
  priority: job.priority,
  max_attempts: job.maxAttempts,
  on_lost: job.onLost,
  ...(concurrency
    ? {
        concurrency_key: concurrency.key,
        concurrency_limit: concurrency.limit,
        concurrency_duration_ms: concurrency.durationMs,
        on_conflict: concurrency.onConflict,
      }
    : {}),
  ...(recurring ? { recurring_key: recurring.key, recurring_at: recurring.atMs } : {}),
  run_at: job.runAtMs,
  delay: job.delayMs,
})

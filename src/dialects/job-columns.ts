import { type RawBuilder, sql } from 'kysely'
import type { NewJob } from './moves.ts'
import type { Column } from './query.ts'

/** The columns of `jobs` that an enqueue writes, and the type of each in a record. */
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

/** The names of these columns, as an insert list and as a select list. */
export const newJobNames: RawBuilder<unknown> = sql.raw(Object.keys(newJobColumns).join(', '))

/** When a job is due: a record has one of the two. `delay` is in milliseconds, by the database's clock. */
export const dueColumns = { run_at: 'instant', delay: 'integer' } as const satisfies Record<string, Column>

/** The record of a job without its JSON columns, which each dialect adds in its own way. */
export const newJobRecord = ({ concurrency, recurring, ...job }: NewJob) => ({
  id: job.id,
  queue_name: job.queue,
  task_name: job.task,
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

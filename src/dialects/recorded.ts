import { type RawBuilder, sql } from 'kysely'
import type { Build, Column } from './query.ts'
import { occurrences, recurringTasks } from './tables.ts'

/** An occurrence as a record: `from_at` is when its task was due. */
export const occurrenceColumns = {
  task_key: 'text',
  run_at: 'instant',
  job_id: 'uuid',
  from_at: 'instant',
} as const satisfies Record<string, Column>

/** A record of `occurrenceColumns`; instants are milliseconds since 1970. */
export interface Occurrence {
  readonly task_key: string
  readonly run_at: number
  readonly job_id: string
  readonly from_at: number
}

/**
 * The job ids of these occurrences, as far as each is recorded with the same job and its task is still due at
 * `from_at`. A batch that is sent again therefore enqueues nothing. Each occurrence is looked up by itself.
 */
export const recordedIds = (list: unknown, { rows }: Build): RawBuilder<unknown> => sql`
  select o.job_id
  from ${rows(list, occurrenceColumns)} o
  where o.from_at = (select t.next_run_at from ${recurringTasks} t where t.key = o.task_key) and o.job_id = (
    select e.job_id from ${occurrences} e where e.task_key = o.task_key and e.run_at = o.run_at)`

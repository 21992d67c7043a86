import { type RawBuilder, sql } from 'kysely'
import type { Build } from './query.ts'
import { occurrences, recurringTasks } from './tables.ts'

/**
 * The jobs of occurrences, `task_key`, `run_at`, `job_id` and `from_at`, that are recorded with just those jobs, and whose task
 * has not gone on: a batch that is sent again enqueues nothing. Each is looked up by itself.
 */
export const recordedIds = (list: unknown, { records }: Build): RawBuilder<unknown> => sql`
  select o.job_id
  from ${records(list, { task_key: 'text', run_at: 'instant', job_id: 'uuid', from_at: 'instant' })} o
  where o.from_at = (select t.next_run_at from ${recurringTasks} t where t.key = o.task_key) and o.job_id = (
    select e.job_id from ${occurrences} e where e.task_key = o.task_key and e.run_at = o.run_at)`

import { type RawBuilder, sql } from 'kysely'
import type { Build } from './query.ts'
import { occurrences } from './tables.ts'

/** The jobs of occurrences, `task_key`, `run_at` and `job_id`, that are recorded with just those jobs. Each is looked up by itself. */
export const recordedIds = (list: unknown, { records }: Build): RawBuilder<unknown> => sql`
  select o.job_id from ${records(list, { task_key: 'text', run_at: 'instant', job_id: 'uuid' })} o where o.job_id = (
    select e.job_id from ${occurrences} e where e.task_key = o.task_key and e.run_at = o.run_at)`

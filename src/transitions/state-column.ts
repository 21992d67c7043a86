import { type RawBuilder, sql } from 'kysely'
import { blocked, claimed, failed, jobs, ready, scheduled } from '../dialects/tables.ts'

/** The state of a job `j` among `stateJoins`, which is the table that has its row; null: no table has it. */
export const stateColumn: RawBuilder<string | null> = sql`
  case when j.finished_at is not null then 'finished' when c.job_id is not null then 'claimed'
    when f.job_id is not null then 'failed' when r.job_id is not null then 'ready'
    when s.job_id is not null then 'scheduled' when b.job_id is not null then 'blocked' end`

/**
 * Joins the jobs `j` of rows of `id`, `i`, with their states. A ready or scheduled row has the queue, rank and instant
 * of its job, by which the row is found in SQLite's clustered tables.
 */
export const stateJoins = (ids: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  from ${ids} i cross join ${jobs} j
  left join ${claimed} c on c.job_id = j.id
  left join ${failed} f on f.job_id = j.id
  left join ${ready} r on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
  left join ${scheduled} s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id
  left join ${blocked} b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id`

import { type RawBuilder, sql } from 'kysely'
import { query } from '../query.ts'
import { failed, jobs, ready, scheduled } from '../tables.ts'

/** Takes jobs out of a state, by their ids. The rows of a clustered table are found by what they share with their jobs. */
export const leave = {
  ready: query<{ list: string }>(
    ({ list }) => sql`
      delete from ${ready} where (queue_name, priority, job_id) in (
        select j.queue_name, j.priority, j.id from json_each(${list}) i cross join ${jobs} j on j.id = i.value)`,
  ),
  scheduled: query<{ list: string }>(
    ({ list }) => sql`
      delete from ${scheduled} where (scheduled_at, priority, job_id) in (
        select j.scheduled_at, j.priority, j.id from json_each(${list}) i cross join ${jobs} j on j.id = i.value)`,
  ),
  failed: query<{ list: string }>(
    ({ list }) => sql`delete from ${failed} where job_id in (select value from json_each(${list}))`,
  ),
}

/** Whether a job `j` is neither done nor in one of these states. Unless it is claimed, it has just left one. */
export const isInNone: RawBuilder<unknown> = sql`
  j.finished_at is null
  and not exists (select 1 from ${failed} f where f.job_id = j.id)
  and not exists (select 1 from ${ready} r
    where r.queue_name = j.queue_name and r.priority = j.priority and r.job_id = j.id)
  and not exists (select 1 from ${scheduled} s
    where s.scheduled_at = j.scheduled_at and s.priority = j.priority and s.job_id = j.id)`

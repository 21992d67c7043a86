import { type RawBuilder, sql } from 'kysely'
import { query } from '../query.ts'
import { blocked, failed, permits, ready, scheduled } from '../tables.ts'
import { jobsOf } from './place.ts'
import { keysOf, unblock } from './unblock.ts'

interface Values {
  list: readonly string[]
}

/**
 * Takes jobs out of a state, by their ids. The row of a clustered table is found by its key, made of the job's columns.
 */
export const leave = {
  ready: query<Values>(
    ({ list }) => sql`
      delete from ${ready} where (queue_name, rank, job_id) in (
        select j.queue_name, -j.priority, j.id from ${jobsOf(list)})`,
  ),
  scheduled: query<Values>(
    ({ list }) => sql`
      delete from ${scheduled} where (scheduled_at, rank, job_id) in (
        select j.scheduled_at, -j.priority, j.id from ${jobsOf(list)})`,
  ),
  blocked: query<Values>(
    ({ list }) => sql`
      delete from ${blocked} where (concurrency_key, rank, job_id) in (
        select j.concurrency_key, -j.priority, j.id from ${jobsOf(list)} where j.concurrency_key is not null)
      and job_id between (select min(value) from json_each(${list})) and (select max(value) from json_each(${list}))`,
  ),
  failed: query<Values>(
    ({ list }) => sql`delete from ${failed} where job_id in (select value from json_each(${list}))`,
  ),
}

/** Takes the permits of ready jobs, before they leave ready. Claimed jobs keep theirs. */
export const free = query<Values>(
  ({ list }) => sql`
    delete from ${permits} where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from ${jobsOf(list)} cross join ${ready} r
        on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
      where j.concurrency_key is not null)`,
)

/** Passes on the permits that `free` took, once the jobs have left. */
export const passOn = unblock<Values>(({ list }) => keysOf(jobsOf(list)))

/**
 * Whether a job `j` is neither finished nor failed, ready, scheduled or blocked. A job that is not claimed either has
 * just left one of these states.
 */
export const isInNone: RawBuilder<unknown> = sql`
  j.finished_at is null
  and not exists (select 1 from ${failed} f where f.job_id = j.id)
  and not exists (select 1 from ${ready} r
    where r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id)
  and not exists (select 1 from ${scheduled} s
    where s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id)
  and not exists (select 1 from ${blocked} b
    where b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id)`

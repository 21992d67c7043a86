import { type RawBuilder, sql } from 'kysely'
import { exactly } from './exactly.ts'
import { blocked, jobs, permits, ready, semaphores } from '../tables.ts'

/**
 * Whether this batch holds a key, or there is none. What is picked behind the lock may be more than the lock was for: a
 * job that came due meanwhile, say. It is left to the next batch.
 */
export const holds = (batch: unknown, key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`(${key} is null or coalesce((select m.batch from ${semaphores} m where m.key = ${key}) = ${batch}::uuid, false))`

/** The same of a job's key. */
export const holdsKeyOf = (batch: unknown, job: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`coalesce((select ${holds(batch, sql`j.concurrency_key`)} from ${jobs} j where j.id = ${job}), true)`

/**
 * The CTEs that place the jobs of `candidate` (id, queue_name, rank, concurrency_key, concurrency_duration_ms,
 * on_conflict), as `placed`, with their `state`: per key, by priority, then id, as many as there are permits free are
 * ready, and none while others wait. It writes permits and blocked rows; ready rows are the caller's.
 *
 * What counts here runs behind the lock of the keys, as a statement of its own: its snapshot is younger than the lock.
 */
export const place = (batch: unknown, now: RawBuilder<Date>): RawBuilder<unknown> => sql`
  candidate_key as materialized (
    select s.key, case when exists (select 1 from ${blocked} b where b.concurrency_key = s.key) then 0
      else s.concurrency_limit - (select count(*) from ${permits} p where p.concurrency_key = s.key) end as free
    from ${semaphores} s where s.key = any(array(select concurrency_key from candidate)) and s.batch = ${batch}::uuid
  ), placed as materialized (
    select c.*, case when place <= free then 'ready' when on_conflict = 'skip' then 'skipped' else 'blocked' end as state
    from (
      select c.*, k.free, row_number() over (partition by c.concurrency_key order by c.rank, c.id) as place
      from candidate c join candidate_key k on k.key = c.concurrency_key
    ) c
  ), new_permit as (
    insert into ${permits} (job_id, concurrency_key, duration_ms)
    select id, concurrency_key, concurrency_duration_ms from placed where state = 'ready' on conflict (job_id) do nothing
  ), new_blocked as (
    insert into ${blocked} (job_id, queue_name, rank, concurrency_key, created_at)
    select id, queue_name, rank, concurrency_key, ${now} from placed where state = 'blocked'
  )`

/**
 * The CTEs that give what came free to the next blocked jobs of each key: `freed` (concurrency_key) has a row for each
 * permit that this statement takes away, which its counts still see. `unblocked` has the jobs.
 *
 * @param keys a query of the keys
 * @param leaving a query of the ids of blocked jobs that this statement takes away itself; none by default
 */
export const unblock = (
  batch: unknown,
  now: RawBuilder<Date>,
  { keys, leaving }: { keys: RawBuilder<unknown>; leaving?: RawBuilder<unknown> },
): RawBuilder<unknown> => sql`
  open_key as materialized (
    select s.key, s.concurrency_limit - (select count(*) from ${permits} p where p.concurrency_key = s.key)
      + (select count(*) from freed f where f.concurrency_key = s.key) as free
    from ${semaphores} s where s.key = any(array(${keys})) and s.batch = ${batch}::uuid
  ), next_up as materialized (
    select b.job_id from open_key k cross join lateral (
      select job_id from ${blocked} where ${exactly(sql`concurrency_key`, sql`k.key`)}
        ${leaving ? sql`and job_id <> all(array(${leaving}))` : sql``}
      order by concurrency_key, rank, job_id limit greatest(k.free, 0)
    ) b
  ), unblocked as (
    delete from ${blocked} where job_id = any(array(select job_id from next_up))
    returning job_id, queue_name, rank, concurrency_key
  ), unblocked_permit as (
    insert into ${permits} (job_id, concurrency_key, duration_ms)
    select job_id, concurrency_key, (select concurrency_duration_ms from ${jobs} where id = u.job_id) from unblocked u
    on conflict (job_id) do nothing
  ), unblocked_ready as (
    insert into ${ready} (job_id, queue_name, rank, created_at)
    select job_id, queue_name, rank, ${now} from unblocked
  )`

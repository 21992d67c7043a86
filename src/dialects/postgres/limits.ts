import { type RawBuilder, sql } from 'kysely'
import { exactly } from './exactly.ts'
import { blocked, jobs, permits, ready, semaphores } from '../tables.ts'

/**
 * Whether this batch holds the key, or the key is null. A statement behind the lock may pick jobs whose keys were not
 * locked, such as a job that came due meanwhile; these jobs are left to the next batch.
 */
export const holds = (batch: unknown, key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`(${key} is null or coalesce((select m.batch from ${semaphores} m where m.key = ${key}) = ${batch}::uuid, false))`

/** `holds` for the key of a job. */
export const holdsKeyOf = (batch: unknown, job: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`coalesce((select ${holds(batch, sql`j.concurrency_key`)} from ${jobs} j where j.id = ${job}), true)`

/**
 * The CTEs that place the jobs of `candidate` (id, queue_name, rank, concurrency_key, concurrency_duration_ms,
 * on_conflict): `placed` has them with their `state`. Per key, by priority, then id, as many jobs become ready as there
 * are free permits, and none while other jobs wait. The CTEs write permits and blocked rows; the caller writes ready
 * rows.
 *
 * The lock of the keys is a statement before this one, so that the counts here read a snapshot that is younger than the
 * lock.
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
 * The CTEs that give free permits to the next blocked jobs of each key. The caller's `freed` (concurrency_key) has a
 * row for each permit that this statement takes away, because its counts still include these. `unblocked` has the jobs.
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

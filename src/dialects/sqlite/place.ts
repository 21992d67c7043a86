import { type RawBuilder, sql } from 'kysely'
import { type Query, query } from '../query.ts'
import { blocked, jobs, permits, ready, semaphores } from '../tables.ts'

/** Whether a job `j` may be ready: it is not limited, or holds a permit. */
export const hasPlace: RawBuilder<boolean> = sql`(j.concurrency_key is null or exists (
  select 1 from ${permits} h where h.concurrency_key = j.concurrency_key and h.job_id = j.id))`

/** A FROM clause: the jobs of a JSON list of ids, as `j`. CROSS JOIN keeps the order of the joins. */
export const jobsOf = (list: unknown): RawBuilder<unknown> =>
  sql`json_each(${list}) i cross join ${jobs} j on j.id = i.value`

/** The statements that place jobs, in this order. */
export interface Placing<P extends object> {
  readonly limit: Query<P>
  readonly admit: Query<P>
  readonly toReady: Query<P>
  readonly toBlocked: Query<P>
}

/**
 * Places jobs: each becomes ready, and a limited one then holds a permit. Per key, by priority, then id, as many become
 * ready as there are free permits, and none while other jobs wait for the key; the rest are blocked.
 *
 * @param from a FROM clause of the jobs, as `j`: the same jobs in each of the statements
 * @param at the instant from which they are ready or blocked
 * @param skips whether a job with `on_conflict` 'skip' stays where it is when its key is full
 */
export function place<P extends object>(
  from: (values: P) => RawBuilder<unknown>,
  { at, skips }: { at: RawBuilder<unknown>; skips: boolean },
): Placing<P> {
  return {
    limit: query<P>((values) => limit(from(values))),
    admit: query<P>((values) => admit(from(values))),
    toReady: query<P>(
      (values) => sql`
        insert into ${ready} (job_id, queue_name, rank, created_at)
        select j.id, j.queue_name, -j.priority, ${at} from ${from(values)} where ${hasPlace}`,
    ),
    toBlocked: query<P>(
      (values) => sql`
        insert into ${blocked} (job_id, queue_name, rank, concurrency_key, created_at)
        select j.id, j.queue_name, -j.priority, j.concurrency_key, ${at} from ${from(values)}
        where not ${hasPlace} ${skips ? sql`and j.on_conflict = 'block'` : sql``}
        returning job_id, 'blocked' as state, null as held_by`,
    ),
  }
}

/**
 * Stores the limit of each key, as the newest job asks. A row is written only if the limit changes, because D1 charges
 * for each write; `job_id` is the job that changed it.
 */
const limit = (from: RawBuilder<unknown>) => sql`
  insert into ${semaphores} as s (key, concurrency_limit, job_id)
  select j.concurrency_key, j.concurrency_limit, max(j.id) from ${from}
  where j.concurrency_key is not null group by j.concurrency_key
  on conflict (key) do update set concurrency_limit = excluded.concurrency_limit, job_id = excluded.job_id
  where excluded.job_id > s.job_id and excluded.concurrency_limit <> s.concurrency_limit`

/** Counts the free permits once a key, not once a job. */
const admit = (from: RawBuilder<unknown>) => sql`
  with candidate as materialized (
    select j.id, j.concurrency_key, j.concurrency_duration_ms,
      row_number() over (partition by j.concurrency_key order by j.priority desc, j.id) as place
    from ${from} where j.concurrency_key is not null
  ), open as materialized (
    select s.key, s.concurrency_limit - (select count(*) from ${permits} h where h.concurrency_key = s.key) as free
    from candidate c cross join ${semaphores} s on s.key = c.concurrency_key
    where c.place = 1 and not exists (select 1 from ${blocked} b where b.concurrency_key = s.key)
  )
  insert into ${permits} (job_id, concurrency_key, duration_ms)
  select c.id, c.concurrency_key, c.concurrency_duration_ms
  from open o cross join candidate c on c.concurrency_key = o.key and c.place <= o.free`

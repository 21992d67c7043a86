import { type RawBuilder, sql } from 'kysely'
import { type Query, query } from '../query.ts'
import { blocked, jobs, permits, ready, semaphores } from '../tables.ts'

/** Blocked jobs to read beyond the freed permits, so that a raised limit is soon used. */
const more = 10

/** The statements that unblock jobs, in this order. */
export interface Unblocking<P extends object> {
  readonly permit: Query<P>
  readonly unblockedReady: Query<P>
  readonly leaveUnblocked: Query<P>
}

/**
 * Gives the free permits of each key to its next blocked jobs, by priority, then id: blocked → ready, with a permit.
 * Between the statements, a job with a blocked row and a permit is being unblocked.
 *
 * @param keys a query of `key`, each once, and `freed`: as many permits of the key as this batch takes away, or more
 */
export function unblock<P extends object>(keys: (values: P) => RawBuilder<unknown>): Unblocking<P> {
  return {
    permit: query<P>(
      (values) => sql`
        with k as materialized (${keys(values)}), open as materialized (
          select s.key, s.concurrency_limit - (select count(*) from ${permits} h where h.concurrency_key = s.key) as free
          from k cross join ${semaphores} s on s.key = k.key
        )
        insert into ${permits} (job_id, concurrency_key, duration_ms)
        select j.id, o.key, j.concurrency_duration_ms
        from open o cross join ${firstOf(sql`o.key`)} f on o.free > 0 and f.key < o.free
        cross join ${jobs} j on j.id = f.value ->> '$.id'`,
    ),
    unblockedReady: query<P>(
      (values, { now }) => sql`
        with k as materialized (${keys(values)})
        insert into ${ready} (job_id, queue_name, rank, created_at)
        select f.value ->> '$.id', f.value ->> '$.queue', f.value ->> '$.rank', ${now} from ${admitted}`,
    ),
    // Without the range of ids, statistics of small keys would let SQLite read the rest of the key and rank.
    leaveUnblocked: query<P>(
      (values) => sql`
        with k as materialized (${keys(values)}), x as materialized (
          select k.key, f.value ->> '$.rank' as rank, f.value ->> '$.id' as id from ${admitted}
        )
        delete from ${blocked} where (concurrency_key, rank, job_id) in (select key, rank, id from x)
          and job_id between (select min(id) from x) and (select max(id) from x)`,
    ),
  }
}

/** The keys of jobs `j`, for `unblock`. */
export const keysOf = (from: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select j.concurrency_key as key, count(*) as freed from ${from}
  where j.concurrency_key is not null group by j.concurrency_key`

/**
 * The first blocked jobs of a key, as `value`, and their places from 0, as `key`. There is no LATERAL, but a
 * table-valued function may name columns to its left. A LIMIT may not, so the limit is the most permits freed of any
 * key, and a few more. It bounds the rows that are read of a key that thousands of jobs wait for.
 */
const firstOf = (key: RawBuilder<unknown>) => sql`
  json_each((select json_group_array(json_object('id', job_id, 'queue', queue_name, 'rank', rank)) from (
    select job_id, queue_name, rank from ${blocked} where concurrency_key = ${key} order by rank, job_id
    limit coalesce((select max(freed) from k), 0) + ${sql.lit(more)})))`

const admitted = sql`
  k cross join ${firstOf(sql`k.key`)} f
  cross join ${permits} h on h.concurrency_key = k.key and h.job_id = f.value ->> '$.id'`

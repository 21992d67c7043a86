import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, toDate } from '../dialects/query.ts'
import { pauses, ready } from '../dialects/tables.ts'
import { type Count, readCount, upTo } from './count-jobs.ts'
import { looking, type Transition } from './transition.ts'

/** A queue that has ready jobs, or is paused. */
export interface ListedQueue {
  readonly name: string
  /** Counted up to 10,000, and up to 100,000 over all queues: of 200 queues, 500 each. */
  readonly ready: Count
  /** When the longest waiting job became ready, among the jobs that are next at each priority; null without jobs. */
  readonly oldestAt: Date | null
  /** Milliseconds since `oldestAt` by the database's clock; null without jobs. */
  readonly latencyMs: number | null
  /** Null: the queue is not paused. */
  readonly pausedAt: Date | null
}

/** How many jobs are counted over all queues: many queues, each within its own bound, would otherwise be read whole. */
const countedMax = sql.lit(100_000)

/**
 * Names and priorities come from loose index scans, so the cost follows their number, not the number of jobs. Of each
 * priority only the next job is looked at: the jobs behind it were enqueued later. Jobs are counted up to a bound that
 * the planner cannot see: with a bound above its guess of a queue it would read the queue whole, by a bitmap.
 */
const overview = query<{ after: string; max: number; queues: number }>(
  ({ after, max, queues }, { msUntil, exactly, epochMs }) => sql`
    with recursive names(name, place) as (
      select (select min(queue_name) from ${ready} where queue_name > ${after}), 1
      union all
      select (select min(queue_name) from ${ready} where queue_name > n.name), n.place + 1
      from names n where n.name is not null and n.place < ${queues}
    ), listed(name) as (
      select name from names where name is not null
      union select queue_name from (
        select queue_name from ${pauses} where queue_name > ${after} order by queue_name limit ${queues}) paused
      order by 1 limit ${queues}
    ), bound(most) as (
      select case when count(*) * cast(${max} as integer) > ${countedMax} then ${countedMax} / count(*) else ${max} end
      from listed
    ), heads(name, rank) as (
      select l.name, (select rank from ${ready} r where ${exactly(sql`r.queue_name`, sql`l.name`)}
        order by queue_name, rank limit 1) from listed l
      union all
      select h.name, (select min(rank) from ${ready} r where r.queue_name = h.name and r.rank > h.rank)
      from heads h where h.rank is not null
    ), oldest(name, oldest_at) as (
      select h.name, min((select created_at from ${ready} r where r.queue_name = h.name and r.rank = h.rank
        order by job_id limit 1)) from heads h where h.rank is not null group by h.name
    )
    select l.name, (select most from bound) as most, ${upTo(
      sql`(select most + 1 from bound)`,
      sql`${ready} r where ${exactly(sql`r.queue_name`, sql`l.name`)} order by queue_name, rank, job_id`,
    )} as ready, ${epochMs(sql`o.oldest_at`)} as oldest_at,
      -${msUntil(sql`o.oldest_at`)} as latency_ms, ${epochMs(sql`p.created_at`)} as paused_at
    from listed l left join oldest o on o.name = l.name left join ${pauses} p on p.queue_name = l.name
    order by l.name`,
)

/**
 * Lists the queues that have ready jobs or are paused, by the bytes of their names, at most `queues`; counts up to
 * `max` jobs of each, and 100,000 of all.
 */
export function listQueues(
  dialect: Dialect,
  { after, max, queues }: { after: string; max: number; queues: number },
): Transition<readonly ListedQueue[]> {
  return looking(dialect.bind(overview, { after, max, queues }), ({ rows }) =>
    rows.map((row) => ({
      name: String(row['name']),
      ready: readCount(row['ready'], Number(row['most'])),
      oldestAt: toDate(row['oldest_at']),
      latencyMs: row['oldest_at'] === null ? null : Math.max(0, Math.round(Number(row['latency_ms']))),
      pausedAt: toDate(row['paused_at']),
    })),
  )
}

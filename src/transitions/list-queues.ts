import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, toDate } from '../dialects/query.ts'
import { pauses, ready } from '../dialects/tables.ts'
import { type Count, readCount, upTo } from './count-jobs.ts'
import type { Transition } from './transition.ts'

/** A queue that has ready jobs, or is paused. */
export interface ListedQueue {
  readonly name: string
  readonly ready: Count
  /** When the job became ready that has waited longest, of those that are next at their priority; null without jobs. */
  readonly oldestAt: Date | null
  /** How long that is ago, in milliseconds by the database's clock; null without jobs. */
  readonly latencyMs: number | null
  /** Null: it is not paused. */
  readonly pausedAt: Date | null
}

/**
 * Names and priorities come from loose index scans, so the cost follows their number, not that of jobs. Of each priority
 * the job that is next is looked at: those behind it were enqueued later.
 */
const overview = query<{ max: number; queues: number }>(
  ({ max, queues }, { msUntil, exactly, epochMs }) => sql`
    with recursive names(name) as (
      select min(queue_name) from ${ready}
      union all
      select (select min(queue_name) from ${ready} where queue_name > n.name) from names n where n.name is not null
    ), listed(name) as (
      select name from names where name is not null union select queue_name from ${pauses} order by 1 limit ${queues}
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
    select l.name, ${upTo(
      max,
      sql`${ready} r where ${exactly(sql`r.queue_name`, sql`l.name`)} order by queue_name, rank, job_id`,
    )} as ready, ${epochMs(sql`o.oldest_at`)} as oldest_at,
      -${msUntil(sql`o.oldest_at`)} as latency_ms, ${epochMs(sql`p.created_at`)} as paused_at
    from listed l left join oldest o on o.name = l.name left join ${pauses} p on p.queue_name = l.name
    order by l.name`,
)

/** Lists the queues that have ready jobs or are paused, by name, `queues` at most; counts up to `max` jobs of each. */
export function listQueues(
  dialect: Dialect,
  { max, queues }: { max: number; queues: number },
): Transition<readonly ListedQueue[]> {
  return {
    locks: [],
    statements: [dialect.bind(overview, { max: max + 1, queues })],
    idempotent: true,
    read: ({ rows }) =>
      rows.map((row) => ({
        name: String(row['name']),
        ready: readCount(row['ready'], max),
        oldestAt: toDate(row['oldest_at']),
        latencyMs: row['oldest_at'] === null ? null : Math.max(0, Math.round(Number(row['latency_ms']))),
        pausedAt: toDate(row['paused_at']),
      })),
  }
}

import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { blocked, claimed, failed, jobs, ready, scheduled } from '../dialects/tables.ts'
import type { JobState } from '../job/job.ts'
import { looking, type Transition } from './transition.ts'

/** A bounded count; `more`: there are more, uncounted. */
export interface Count {
  readonly count: number
  readonly more: boolean
}

/** Counts rows up to a bound, so that the cost does not grow with the table. */
export const upTo = (max: unknown, rows: RawBuilder<unknown>): RawBuilder<number> =>
  sql`(select count(*) from (select 1 from ${rows} limit ${max}) counted)`

/** Reads a count of `upTo` whose bound was one more than `max`. */
export const readCount = (value: unknown, max: number): Count => {
  const count = Number(value)
  return { count: Math.min(count, max), more: count > max }
}

/** Each in the order of an index, so that no dead row is read: a busy table may begin with many. */
const sources: Record<JobState, RawBuilder<unknown>> = {
  scheduled: sql`${scheduled} order by scheduled_at, rank, job_id`,
  ready: sql`${ready} order by queue_name, rank, job_id`,
  blocked: sql`${blocked} order by concurrency_key, rank, job_id`,
  claimed: sql`${claimed} order by job_id`,
  finished: sql`${jobs} where finished_at is not null order by finished_at`,
  failed: sql`${failed} order by created_at`,
}

const countAll = query<{ max: number }>(
  ({ max }) =>
    sql`select ${sql.join(Object.entries(sources).map(([state, rows]) => sql`${upTo(max, rows)} as ${sql.ref(state)}`))}`,
)

/** Counts the jobs of each state, up to `max`. */
export function countJobs(dialect: Dialect, { max }: { max: number }): Transition<Readonly<Record<JobState, Count>>> {
  return looking(dialect.bind(countAll, { max: max + 1 }), ({ rows: [row = {}] }) => ({
    scheduled: readCount(row['scheduled'], max),
    ready: readCount(row['ready'], max),
    blocked: readCount(row['blocked'], max),
    claimed: readCount(row['claimed'], max),
    finished: readCount(row['finished'], max),
    failed: readCount(row['failed'], max),
  }))
}

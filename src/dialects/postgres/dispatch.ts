import { sql } from 'kysely'
import { type Bind, type Dispatched, type Move, move } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { jobs, ready, scheduled } from '../tables.ts'
import { holds, place } from './limits.ts'

/**
 * Deletes picked ids by `= any(array(…))`: to join a small list of ids to a large table, the planner would scan the
 * table.
 */
const dispatchDue = query<{ max: number; batch: typeof thisBatch }>(
  ({ max, batch }, { now }) => sql`
    with due as materialized (
      select job_id from ${scheduled} s where scheduled_at <= ${now} and ${holds(batch, sql`s.concurrency_key`)}
      order by scheduled_at, rank, job_id limit ${max}::integer for update skip locked
    ), gone as (
      delete from ${scheduled} where job_id = any(array(select job_id from due))
      returning job_id, queue_name, rank, concurrency_key
    ), candidate as (
      select j.id, g.queue_name, g.rank, g.concurrency_key, j.concurrency_duration_ms, j.on_conflict
      from gone g join ${jobs} j on j.id = g.job_id
        and j.id = any(array(select job_id from gone where concurrency_key is not null))
    ), ${place(batch, now)}, new_ready as (
      insert into ${ready} (job_id, queue_name, rank, created_at)
      select job_id, queue_name, rank, ${now} from gone where concurrency_key is null
      union all
      select id, queue_name, rank, ${now} from placed where state = 'ready'
    ), skipped as (
      update ${jobs} set finished_at = ${now}, outcome = 'skipped'
      where id = any(array(select id from placed where state = 'skipped')) returning id
    )
    select (select count(*) from gone) as dispatched, (select count(*) from skipped) as skipped`,
)

export function dispatch(bind: Bind, { max }: { max: number }): Move<Dispatched> {
  return move(
    { dispatchDue: bind(dispatchDue, { max, batch: thisBatch }) },
    ({
      dispatchDue: {
        rows: [row],
      },
    }) => ({
      dispatched: Number(row?.['dispatched']),
      skipped: Number(row?.['skipped']),
    }),
  )
}

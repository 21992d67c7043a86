import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { ready, scheduled } from '../tables.ts'

/** Picked ids are deleted by `= any(array(…))`: the planner joins a small list of ids to a large table by scanning it. */
const move = query<{ max: number }>(
  ({ max }, { now }) => sql`
    with due as materialized (
      select job_id from ${scheduled} where scheduled_at <= ${now}
      order by scheduled_at, priority desc, job_id limit ${max}::integer for update skip locked
    ), gone as (
      delete from ${scheduled} where job_id = any(array(select job_id from due)) returning job_id, queue_name, priority
    )
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select job_id, queue_name, priority, ${now} from gone`,
)

export function dispatch(bind: Bind, { max }: { max: number }): Statement[] {
  return [bind(move, { max })]
}

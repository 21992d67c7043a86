import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { claimed, jobs, ready, scheduled } from '../tables.ts'

interface Values {
  list: string
  batch: string
}

/**
 * The batch itself holds the jobs while they move: rows of a clustered table are found by the instant that is changed
 * here. It asks the clock once, too.
 */
const hold = query<Values>(
  ({ list, batch }, { now }) => sql`
    insert into ${claimed} (job_id, process_id, claim, created_at)
    select s.job_id, ${batch}, 0, ${now} from json_each(${list}) i cross join ${jobs} j on j.id = i.value
    cross join ${scheduled} s on s.scheduled_at = j.scheduled_at and s.priority = j.priority and s.job_id = j.id`,
)

const leaveScheduled = query<Values>(
  ({ batch }) => sql`
    delete from ${scheduled} where (scheduled_at, priority, job_id) in (
      select j.scheduled_at, j.priority, j.id from ${claimed} c cross join ${jobs} j on j.id = c.job_id
      where c.process_id = ${batch})`,
)

const writeJobs = query<Values>(
  ({ batch }) => sql`
    with x as materialized (select job_id, created_at from ${claimed} where process_id = ${batch})
    update ${jobs} as j set scheduled_at = min(j.scheduled_at, x.created_at) from x where j.id = x.job_id`,
)

const toReady = query<Values>(
  ({ batch }) => sql`
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select j.id, j.queue_name, j.priority, c.created_at from ${claimed} c cross join ${jobs} j on j.id = c.job_id
    where c.process_id = ${batch}`,
)

const letGo = query<Values>(({ batch }) => sql`delete from ${claimed} where process_id = ${batch} returning job_id`)

export function runNow(bind: Bind, { ids, batch }: { ids: readonly string[]; batch: string }): Statement[] {
  const values = { list: JSON.stringify(ids), batch }
  return [hold, leaveScheduled, writeJobs, toReady, letGo].map((step) => bind(step, values))
}

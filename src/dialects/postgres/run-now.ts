import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { jobs, ready, scheduled } from '../tables.ts'

const toReady = query<{ list: string }>(
  ({ list }, { now, ids }) => sql`
    with picked as materialized (
      select job_id from ${scheduled} where job_id = any(array(select id from ${ids(list)} i)) order by job_id for update
    ), gone as (
      delete from ${scheduled} where job_id = any(array(select job_id from picked)) returning job_id
    ), job as (
      update ${jobs} set scheduled_at = least(scheduled_at, ${now}) where id = any(array(select job_id from gone))
      returning id, queue_name, priority
    )
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${now} from job returning job_id`,
)

export function runNow(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  return [bind(toReady, { list: JSON.stringify(ids) })]
}

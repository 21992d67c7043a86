import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { failed, jobs, ready } from '../tables.ts'

/** It waits for whoever moves a row already, in the order of ids: operators who meet do not wait for each other. */
const retryFailed = query<{ list: string }>(
  ({ list }, { now, ids }) => sql`
    with picked as materialized (
      select job_id from ${failed} where job_id = any(array(select id from ${ids(list)} i)) order by job_id for update
    ), gone as (
      delete from ${failed} where job_id = any(array(select job_id from picked)) returning job_id
    ), job as (
      update ${jobs} set attempts = 0, releases = 0, scheduled_at = ${now} where id = any(array(select job_id from gone))
      returning id, queue_name, priority
    )
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${now} from job returning job_id`,
)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  return [bind(retryFailed, { list: JSON.stringify(ids) })]
}

import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { failed, jobs, ready } from '../tables.ts'

const those = (list: unknown) => sql`
  select f.job_id from json_each(${list}) i cross join ${failed} f on f.job_id = i.value`

const writeJobs = query<{ list: string }>(
  ({ list }, { now }) => sql`
    update ${jobs} set attempts = 0, releases = 0, scheduled_at = ${now} where id in (${those(list)})`,
)

const toReady = query<{ list: string }>(
  ({ list }, { now }) => sql`
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${now} from ${jobs} where id in (${those(list)})`,
)

const leaveFailed = query<{ list: string }>(
  ({ list }) => sql`delete from ${failed} where job_id in (select value from json_each(${list})) returning job_id`,
)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  const list = JSON.stringify(ids)
  return [bind(writeJobs, { list }), bind(toReady, { list }), bind(leaveFailed, { list })]
}

import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { failed, jobs, ready } from '../tables.ts'

const writeJob = query<{ id: string }>(
  ({ id }, { now }) => sql`
    update ${jobs} set attempts = 0, releases = 0, scheduled_at = ${now}
    where id = ${id} and exists (select 1 from ${failed} where job_id = ${id})`,
)

const toReady = query<{ id: string }>(
  ({ id }, { now }) => sql`
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${now} from ${jobs}
    where id = ${id} and exists (select 1 from ${failed} where job_id = ${id})`,
)

const leaveFailed = query<{ id: string }>(({ id }) => sql`delete from ${failed} where job_id = ${id} returning job_id`)

export function retry(bind: Bind, input: { id: string }): Statement[] {
  return [bind(writeJob, input), bind(toReady, input), bind(leaveFailed, input)]
}

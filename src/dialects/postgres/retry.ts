import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { failed, jobs, ready } from '../tables.ts'

const retryFailed = query<{ id: string }>(
  ({ id }, { now }) => sql`
    with gone as (
      delete from ${failed} where job_id = ${id}::uuid returning job_id
    ), job as (
      update ${jobs} j set attempts = 0, releases = 0, scheduled_at = ${now} from gone where j.id = gone.job_id
      returning j.id, j.queue_name, j.priority
    )
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${now} from job returning job_id`,
)

export function retry(bind: Bind, { id }: { id: string }): Statement[] {
  return [bind(retryFailed, { id })]
}

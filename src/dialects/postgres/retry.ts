import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { jobs, ready } from '../tables.ts'
import { given, leave, left } from './leave.ts'

const retryFailed = query<{ list: string }>(
  ({ list }, build) => sql`
    with ${given(list, build)}, ${leave(['failed'])}, job as (
      update ${jobs} set attempts = 0, releases = 0, scheduled_at = ${build.now} where id = any(${left(['failed'])})
      returning id, queue_name, priority
    )
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${build.now} from job returning job_id`,
)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  return [bind(retryFailed, { list: JSON.stringify(ids) })]
}

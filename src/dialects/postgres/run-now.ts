import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { jobs, ready } from '../tables.ts'
import { given, leave, left } from './leave.ts'

const toReady = query<{ list: string }>(
  ({ list }, build) => sql`
    with ${given(list, build)}, ${leave(['scheduled'])}, job as (
      update ${jobs} set scheduled_at = least(scheduled_at, ${build.now}) where id = any(${left(['scheduled'])})
      returning id, queue_name, priority
    )
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select id, queue_name, priority, ${build.now} from job returning job_id`,
)

export function runNow(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  return [bind(toReady, { list: JSON.stringify(ids) })]
}

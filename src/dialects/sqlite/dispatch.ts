import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { ready, scheduled } from '../tables.ts'

const toReady = query<{ max: number }>(
  ({ max }, { now }) => sql`
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select job_id, queue_name, priority, ${now} from ${scheduled}
    where scheduled_at <= ${now} order by scheduled_at, priority desc, job_id limit ${max}
    on conflict do nothing`,
)

/**
 * The clock has moved since the statement above, so more may be due; what came due meanwhile sorts behind, and has no
 * ready row: it stays scheduled.
 */
const leaveScheduled = query<{ max: number }>(
  ({ max }, { now }) => sql`
    delete from ${scheduled} as s where (scheduled_at, priority, job_id) in (
      select scheduled_at, priority, job_id from ${scheduled}
      where scheduled_at <= ${now} order by scheduled_at, priority desc, job_id limit ${max})
    and exists (select 1 from ${ready} r
      where r.queue_name = s.queue_name and r.priority = s.priority and r.job_id = s.job_id)`,
)

export function dispatch(bind: Bind, { max }: { max: number }): Statement[] {
  return [bind(toReady, { max }), bind(leaveScheduled, { max })]
}

import { sql } from 'kysely'
import type { Bind, UnclaimedState } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { claimed, failed, jobs, ready, scheduled } from '../tables.ts'

/** The rows of a clustered table are found by what they share with their jobs. */
const leave = {
  ready: query<{ list: string }>(
    ({ list }) => sql`
      delete from ${ready} where (queue_name, priority, job_id) in (
        select j.queue_name, j.priority, j.id from json_each(${list}) i cross join ${jobs} j on j.id = i.value)`,
  ),
  scheduled: query<{ list: string }>(
    ({ list }) => sql`
      delete from ${scheduled} where (scheduled_at, priority, job_id) in (
        select j.scheduled_at, j.priority, j.id from json_each(${list}) i cross join ${jobs} j on j.id = i.value)`,
  ),
  failed: query<{ list: string }>(
    ({ list }) => sql`delete from ${failed} where job_id in (select value from json_each(${list}))`,
  ),
} satisfies Record<UnclaimedState, unknown>

/** What has no state any more lost it just now. */
const forget = query<{ list: string }>(
  ({ list }) => sql`
    delete from ${jobs} as j where id in (select value from json_each(${list})) and finished_at is null
      and not exists (select 1 from ${claimed} c where c.job_id = j.id)
      and not exists (select 1 from ${failed} f where f.job_id = j.id)
      and not exists (select 1 from ${ready} r
        where r.queue_name = j.queue_name and r.priority = j.priority and r.job_id = j.id)
      and not exists (select 1 from ${scheduled} s
        where s.scheduled_at = j.scheduled_at and s.priority = j.priority and s.job_id = j.id)
    returning id as job_id`,
)

export function discard(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: UnclaimedState | null },
): Statement[] {
  const list = JSON.stringify(ids)
  const leaving = state === null ? Object.values(leave) : [leave[state]]
  return [...leaving.map((from) => bind(from, { list })), bind(forget, { list })]
}

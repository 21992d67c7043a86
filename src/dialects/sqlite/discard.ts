import { sql } from 'kysely'
import type { Bind, UnclaimedState } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { claimed, jobs } from '../tables.ts'
import { free, isInNone, leave, passOn } from './leave.ts'

const forget = query<{ list: readonly string[] }>(
  ({ list }) => sql`
    delete from ${jobs} as j where id in (select value from json_each(${list})) and ${isInNone}
      and not exists (select 1 from ${claimed} c where c.job_id = j.id)
    returning id as job_id`,
)

export function discard(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: UnclaimedState | null },
): Statement[] {
  const list = [...new Set(ids)]
  const steps = {
    blocked: [leave.blocked],
    scheduled: [leave.scheduled],
    failed: [leave.failed],
    // Last: what is unblocked was not to be discarded.
    ready: [free, leave.ready, ...passOn],
  }
  return [...(state === null ? Object.values(steps).flat() : steps[state]), forget].map((step) => bind(step, { list }))
}

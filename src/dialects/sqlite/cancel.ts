import { sql } from 'kysely'
import type { Bind, CancellableState } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { claimed, jobs } from '../tables.ts'
import { free, isInNone, leave, passOn } from './leave.ts'

const ask = query<{ list: readonly string[] }>(
  ({ list }) => sql`
    update ${claimed} set cancel_requested = 1 where job_id in (select value from json_each(${list}))`,
)

/** A job in none of the states is claimed, and was asked, or has just left one. `which`: 1, 0, or null for both. */
const finish = query<{ list: readonly string[]; which: number | null }>(
  ({ list, which }, { now }) => sql`
    with x as materialized (
      select j.id, exists (select 1 from ${claimed} c where c.job_id = j.id) as claimed
      from json_each(${list}) i cross join ${jobs} j on j.id = i.value where ${isInNone}
    )
    update ${jobs} as j set finished_at = iif(x.claimed, null, ${now}), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (${which} is null or x.claimed = ${which})
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind`,
)

export function cancel(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: CancellableState | null },
): Statement[] {
  const list = [...new Set(ids)]
  const steps = {
    blocked: [leave.blocked],
    scheduled: [leave.scheduled],
    claimed: [ask],
    // Last: what is unblocked was not to be cancelled.
    ready: [free, leave.ready, ...passOn],
  }
  const which = state === null ? null : Number(state === 'claimed')
  return [
    ...(state === null ? Object.values(steps).flat() : steps[state]).map((step) => bind(step, { list })),
    bind(finish, { list, which }),
  ]
}

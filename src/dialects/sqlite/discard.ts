import { sql } from 'kysely'
import { type Bind, type Move, move, stepsOf, type UnclaimedState } from '../moves.ts'
import { query, type Query } from '../query.ts'
import { readIds } from '../readings.ts'
import { claimed, jobs } from '../tables.ts'
import { free, isInNone, leave, passOn } from './leave.ts'

interface Values {
  list: readonly string[]
}

const forget = query<Values>(
  ({ list }) => sql`
    delete from ${jobs} as j where id in (select value from json_each(${list})) and ${isInNone}
      and not exists (select 1 from ${claimed} c where c.job_id = j.id)
    returning id as job_id`,
)

const fromState: Readonly<Record<UnclaimedState, Readonly<Record<string, Query<Values>>>>> = {
  blocked: { leaveBlocked: leave.blocked },
  scheduled: { leaveScheduled: leave.scheduled },
  failed: { leaveFailed: leave.failed },
  ready: { free, leaveReady: leave.ready, ...passOn },
}
/** Ready jobs last: a job that they unblock was not to be discarded. */
const fromAny = {
  ...fromState.blocked,
  ...fromState.scheduled,
  ...fromState.failed,
  ...fromState.ready,
}

export function discard(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: UnclaimedState | null },
): Move<readonly string[]> {
  const list = [...new Set(ids)]
  const leaving = state === null ? fromAny : fromState[state]
  const steps = { ...stepsOf(bind, leaving, { list }), forget: bind(forget, { list }) }
  return move(steps, (results) => readIds(results.forget))
}

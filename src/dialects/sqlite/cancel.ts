import { sql } from 'kysely'
import { type Bind, type CancellableState, type Cancelled, type Move, move, stepsOf } from '../moves.ts'
import { query, type Query } from '../query.ts'
import { readCancelled } from '../readings.ts'
import { claimed, jobs } from '../tables.ts'
import { free, isInNone, leave, passOn } from './leave.ts'

interface Values {
  list: readonly string[]
}

const ask = query<Values>(
  ({ list }) => sql`
    update ${claimed} set cancel_requested = 1 where job_id in (select value from json_each(${list}))`,
)

/**
 * Finishes jobs that are in none of the states: a claimed job was asked to stop, any other job has just left its state.
 * `which`: 1 for claimed jobs, 0 for the others, null for both.
 */
const finish = query<Values & { which: number | null }>(
  ({ list, which }, { now }) => sql`
    with x as materialized (
      select j.id, exists (select 1 from ${claimed} c where c.job_id = j.id) as claimed
      from json_each(${list}) i cross join ${jobs} j on j.id = i.value where ${isInNone}
    )
    update ${jobs} as j set finished_at = iif(x.claimed, null, ${now}), outcome = iif(x.claimed, null, 'cancelled')
    from x where j.id = x.id and (${which} is null or x.claimed = ${which})
    returning id as job_id, iif(outcome is null, 'requested', 'cancelled') as kind`,
)

const fromState: Readonly<Record<CancellableState, Readonly<Record<string, Query<Values>>>>> = {
  blocked: { leaveBlocked: leave.blocked },
  scheduled: { leaveScheduled: leave.scheduled },
  claimed: { ask },
  ready: { free, leaveReady: leave.ready, ...passOn },
}
/** Ready jobs last: a job that they unblock was not to be cancelled. */
const fromAny = {
  ...fromState.blocked,
  ...fromState.scheduled,
  ...fromState.claimed,
  ...fromState.ready,
}

export function cancel(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: CancellableState | null },
): Move<ReadonlyMap<string, Cancelled>> {
  const list = [...new Set(ids)]
  const leaving = state === null ? fromAny : fromState[state]
  const which = state === null ? null : Number(state === 'claimed')
  const steps = { ...stepsOf(bind, leaving, { list }), finish: bind(finish, { list, which }) }
  return move(steps, (results) => readCancelled(results.finish))
}

import { type RawBuilder, sql } from 'kysely'
import { type Bind, type CancellableState, type Cancelled, type Move, move } from '../moves.ts'
import { type Build, query, thisBatch } from '../query.ts'
import { readCancelled } from '../readings.ts'
import { claimed, jobs } from '../tables.ts'
import { given, leave, left, passOn } from './leave.ts'

type Waiting = Exclude<CancellableState, 'claimed'>

interface Values {
  list: readonly string[]
  batch: typeof thisBatch
}

const finish = (batch: unknown, states: readonly Waiting[], { now }: Build): RawBuilder<unknown> => sql`
  ${leave(batch, states)} ${states.includes('ready') ? sql`, ${passOn(batch, now, states)}` : sql``}, done as (
    update ${jobs} set finished_at = ${now}, outcome = 'cancelled' where id = any(${left(states)}) returning id
  )`

/** Waits for a settlement that is under way; its claim is gone afterwards. */
const ask = sql`
  picked as materialized (
    select job_id from ${claimed} where job_id = any(array(select id from given)) order by job_id for update
  ), asked as (
    update ${claimed} set cancel_requested = true where job_id = any(array(select job_id from picked)) returning job_id
  )`

const cancelled = sql`select id as job_id, 'cancelled' as kind from done`
const requested = sql`select job_id, 'requested' as kind from asked`

const waiting = (state: Waiting) =>
  query<Values>(
    ({ list, batch }, build) => sql`with ${given(list, build)}, ${finish(batch, [state], build)} ${cancelled}`,
  )

const byState = {
  ready: waiting('ready'),
  scheduled: waiting('scheduled'),
  blocked: waiting('blocked'),
  claimed: query<Values>(({ list }, build) => sql`with ${given(list, build)}, ${ask} ${requested}`),
}

const fromAny = query<Values>(
  ({ list, batch }, build) => sql`
    with ${given(list, build)}, ${finish(batch, ['ready', 'scheduled', 'blocked'], build)}, ${ask}
    ${cancelled} union all ${requested}`,
)

export function cancel(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: CancellableState | null },
): Move<ReadonlyMap<string, Cancelled>> {
  const done = bind(state === null ? fromAny : byState[state], { list: ids, batch: thisBatch })
  return move({ done }, (results) => readCancelled(results.done))
}

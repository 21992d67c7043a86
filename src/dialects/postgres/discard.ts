import { sql } from 'kysely'
import { type Bind, type Move, move, type UnclaimedState } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { readIds } from '../readings.ts'
import { jobs } from '../tables.ts'
import { given, leave, left, passOn } from './leave.ts'

const discardFrom = (states: readonly UnclaimedState[]) =>
  query<{ list: readonly string[]; batch: typeof thisBatch }>(
    ({ list, batch }, build) => sql`
      with ${given(list, build)}, ${leave(batch, states)}
        ${states.includes('ready') ? sql`, ${passOn(batch, build.now, states)}` : sql``}
      delete from ${jobs} where id = any(${left(states)}) returning id as job_id`,
  )

const byState = {
  ready: discardFrom(['ready']),
  scheduled: discardFrom(['scheduled']),
  blocked: discardFrom(['blocked']),
  failed: discardFrom(['failed']),
}
const fromAny = discardFrom(['ready', 'scheduled', 'blocked', 'failed'])

export function discard(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: UnclaimedState | null },
): Move<readonly string[]> {
  const gone = bind(state === null ? fromAny : byState[state], { list: ids, batch: thisBatch })
  return move({ gone }, (results) => readIds(results.gone))
}

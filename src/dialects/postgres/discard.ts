import { sql } from 'kysely'
import type { Bind, UnclaimedState } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { jobs } from '../tables.ts'
import { given, leave, left } from './leave.ts'

const discardFrom = (states: readonly UnclaimedState[]) =>
  query<{ list: string }>(
    ({ list }, build) => sql`
      with ${given(list, build)}, ${leave(states)}
      delete from ${jobs} where id = any(${left(states)}) returning id as job_id`,
  )

const byState = {
  ready: discardFrom(['ready']),
  scheduled: discardFrom(['scheduled']),
  failed: discardFrom(['failed']),
}
const fromAny = discardFrom(['ready', 'scheduled', 'failed'])

export function discard(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: UnclaimedState | null },
): Statement[] {
  return [bind(state === null ? fromAny : byState[state], { list: JSON.stringify(ids) })]
}

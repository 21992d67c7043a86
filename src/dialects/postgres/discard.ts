import { type RawBuilder, sql } from 'kysely'
import type { Bind, UnclaimedState } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { failed, jobs, ready, scheduled } from '../tables.ts'

/** It waits for whoever moves a row already, and leaves what that one has moved. */
const leave = (name: string, table: RawBuilder<unknown>) => sql`
  ${sql.ref(`${name}_picked`)} as materialized (
    select job_id from ${table} where job_id = any(array(select id from given)) order by job_id for update
  ), ${sql.ref(`${name}_gone`)} as (
    delete from ${table} where job_id = any(array(select job_id from ${sql.ref(`${name}_picked`)})) returning job_id
  )`

const discardFrom = (states: Partial<Record<UnclaimedState, RawBuilder<unknown>>>) =>
  query<{ list: string }>(
    ({ list }, { ids }) => sql`
      with given as materialized (select id from ${ids(list)} i),
      ${sql.join(Object.entries(states).map(([name, table]) => leave(name, table)))}
      delete from ${jobs} where id = any(array(${sql.join(
        Object.keys(states).map((name) => sql`select job_id from ${sql.ref(`${name}_gone`)}`),
        sql` union all `,
      )})) returning id as job_id`,
  )

const byState = {
  ready: discardFrom({ ready }),
  scheduled: discardFrom({ scheduled }),
  failed: discardFrom({ failed }),
}
const anyState = discardFrom({ ready, scheduled, failed })

export function discard(
  bind: Bind,
  { ids, state }: { ids: readonly string[]; state: UnclaimedState | null },
): Statement[] {
  return [bind(state === null ? anyState : byState[state], { list: JSON.stringify(ids) })]
}

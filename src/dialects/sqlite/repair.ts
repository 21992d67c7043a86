import { sql } from 'kysely'
import { type Bind, type Move, move, type Repaired, stepsOf } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { blocked, claimed, permits, semaphores, ticks } from '../tables.ts'
import { unblock } from './unblock.ts'

interface Values {
  keys: readonly string[]
  batch: typeof thisBatch
}

/** The most blocked jobs of a key that one batch reads. */
const most = 1000

const permitsOf = ({ keys }: Values) => sql`
  (select distinct value as key from json_each(${keys})) k cross join ${permits} h on h.concurrency_key = k.key`

/** Reads the clock once, and notes it under the id of the batch. */
const note = query<Values>(
  ({ batch }, { now }) => sql`insert into ${ticks} (actor, last_run_at, report) values (${batch}, ${now}, '{}')`,
)

const expire = query<Values>(
  (v) => sql`
    delete from ${permits} where (concurrency_key, job_id) in (
      select h.concurrency_key, h.job_id from ${permitsOf(v)}
      cross join ${claimed} c on c.job_id = h.job_id
      cross join ${ticks} t on t.actor = ${v.batch} and c.created_at + h.duration_ms <= t.last_run_at)`,
)

const passOn = unblock<Values>(
  ({ keys }) => sql`select distinct value as key, ${sql.lit(most)} as freed from json_each(${keys})`,
)

const forget = query<Values>(
  ({ keys }) => sql`
    delete from ${semaphores} where key in (select value from json_each(${keys}))
      and not exists (select 1 from ${permits} h where h.concurrency_key = key)
      and not exists (select 1 from ${blocked} b where b.concurrency_key = key)`,
)

const unnote = query<Values>(({ batch }) => sql`delete from ${ticks} where actor = ${batch}`)

export function repair(bind: Bind, { keys }: { keys: readonly string[] }): Move<Repaired> {
  const queries = { note, expire, ...passOn, forget, unnote }
  return move(stepsOf(bind, queries, { keys, batch: thisBatch }), (results) => ({
    permitsExpired: results.expire.affected,
    unblocked: results.leaveUnblocked.affected,
  }))
}

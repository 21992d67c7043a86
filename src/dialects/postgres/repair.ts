import { sql } from 'kysely'
import { type Bind, type Move, move, type Repaired } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { blocked, claimed, permits, semaphores } from '../tables.ts'
import { unblock } from './limits.ts'

interface Values {
  keys: readonly string[]
  batch: typeof thisBatch
}

const listed = (keys: unknown) => sql`select key from json_array_elements_text(${keys}::json) as x(key)`

const forget = query<Values>(
  ({ keys, batch }) => sql`
    delete from ${semaphores} s where key = any(array(${listed(keys)})) and batch = ${batch}::uuid
      and not exists (select 1 from ${permits} p where p.concurrency_key = s.key)
      and not exists (select 1 from ${blocked} b where b.concurrency_key = s.key)`,
)

/** Runs behind the lock of the keys: no other batch settles or places a job of these keys meanwhile. */
const expire = query<Values>(
  ({ keys, batch }, { now, msUntil }) => sql`
    with expired as materialized (
      select p.job_id from ${permits} p join ${claimed} c on c.job_id = p.job_id
      where p.concurrency_key = any(array(${listed(keys)})) and ${msUntil(sql`c.created_at`)} <= -p.duration_ms
        and exists (select 1 from ${semaphores} s where s.key = p.concurrency_key and s.batch = ${batch}::uuid)
    ), freed as (
      delete from ${permits} where job_id = any(array(select job_id from expired)) returning concurrency_key
    ), ${unblock(batch, now, { keys: listed(keys) })}
    select (select count(*) from freed) as expired, (select count(*) from unblocked) as unblocked`,
)

export function repair(bind: Bind, { keys }: { keys: readonly string[] }): Move<Repaired> {
  const values = { keys, batch: thisBatch } as const
  return move(
    { forget: bind(forget, values), expire: bind(expire, values) },
    ({
      expire: {
        rows: [row],
      },
    }) => ({
      permitsExpired: Number(row?.['expired']),
      unblocked: Number(row?.['unblocked']),
    }),
  )
}

import { sql } from 'kysely'
import { type Bind, type Move, move } from '../moves.ts'
import { query } from '../query.ts'
import { failed, jobs } from '../tables.ts'

const clearFinished = query<{ age: number; max: number }>(
  ({ age, max }, { after }) => sql`
    delete from ${jobs} where id = any(array(
      select id from ${jobs} where finished_at <= ${after(age)}
      order by finished_at limit ${max}::integer for update skip locked))`,
)

const clearFailed = query<{ age: number; max: number }>(
  ({ age, max }, { after }) => sql`
    with gone as (
      delete from ${failed} where job_id = any(array(
        select job_id from ${failed} where created_at <= ${after(age)}
        order by created_at limit ${max}::integer for update skip locked))
      returning job_id
    )
    delete from ${jobs} where id = any(array(select job_id from gone))`,
)

export function clear(
  bind: Bind,
  { state, olderThanMs, max }: { state: 'finished' | 'failed'; olderThanMs: number; max: number },
): Move<number> {
  const jobsGone = bind(state === 'finished' ? clearFinished : clearFailed, { age: -olderThanMs, max })
  return move({ jobsGone }, (results) => results.jobsGone.affected)
}

import { sql } from 'kysely'
import { type Bind, type Move, move } from '../moves.ts'
import { query } from '../query.ts'
import { failed, jobs } from '../tables.ts'

interface Values {
  age: number
  max: number
}

const clearFinished = query<Values>(
  ({ age, max }, { after }) => sql`
    delete from ${jobs} where id in (
      select id from ${jobs} where finished_at <= ${after(age)} order by finished_at limit ${max})`,
)

const oldestFailed = ({ max }: Values) => sql`select job_id from ${failed} order by created_at, job_id limit ${max}`

/** The plus keeps SQLite from reading the condition as a range of all old rows. */
const clearFailedJobs = query<Values>(
  (v, { after }) => sql`
    delete from ${jobs} where id in (select job_id from ${failed} where job_id in (${oldestFailed(v)})
      and +created_at <= ${after(v.age)})`,
)

/** The clock has moved: a row that became old meanwhile still has its job, and stays. */
const clearFailed = query<Values>(
  (v) => sql`
    delete from ${failed} where job_id in (${oldestFailed(v)})
      and not exists (select 1 from ${jobs} j where j.id = job_id)`,
)

export function clear(
  bind: Bind,
  { state, olderThanMs, max }: { state: 'finished' | 'failed'; olderThanMs: number; max: number },
): Move<number> {
  const values = { age: -olderThanMs, max }
  const jobsGone = bind(state === 'finished' ? clearFinished : clearFailedJobs, values)
  const rowsGone = state === 'finished' ? null : bind(clearFailed, values)
  return move({ jobsGone, rowsGone }, (results) => results.jobsGone.affected)
}

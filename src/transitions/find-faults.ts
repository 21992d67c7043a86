import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { blocked, claimed, failed, jobs, permits, ready, scheduled, semaphores } from '../dialects/tables.ts'
import { type Transition, transition } from './transition.ts'
import { stepsOf } from '../dialects/moves.ts'

/** A fault of a job, which no job has unless the tables were changed by hand. */
export interface Fault {
  readonly fault: string
  /** The job's id. */
  readonly id: string
}

const states = sql`
  select job_id from ${ready} union all select job_id from ${scheduled}
  union all select job_id from ${blocked} union all select job_id from ${claimed} union all select job_id from ${failed}`

interface Values {
  max: number
}

const kinds = {
  'in more than one state': query<Values>(
    ({ max }) => sql`
      select job_id from (
        select job_id from (${states}) unfinished union all select id from ${jobs} where finished_at is not null) found
      group by job_id having count(*) > 1 limit ${max}`,
  ),
  'in no state': query<Values>(
    ({ max }) => sql`
      select id as job_id from ${jobs} where finished_at is null and id not in (${states}) limit ${max}`,
  ),
  'in a state, but there is no such job': query<Values>(
    ({ max }) => sql`
      select job_id from (${states}) found where not exists (select 1 from ${jobs} j where j.id = found.job_id) limit ${max}`,
  ),
  'ready and limited, but without a permit': query<Values>(
    ({ max }) => sql`
      select r.job_id from ${ready} r join ${jobs} j on j.id = r.job_id where j.concurrency_key is not null
        and not exists (select 1 from ${permits} p where p.concurrency_key = j.concurrency_key and p.job_id = j.id)
      limit ${max}`,
  ),
  'with a permit, but neither ready nor claimed': query<Values>(
    ({ max }) => sql`
      select p.job_id from ${permits} p where p.job_id not in (
        select job_id from ${ready} union all select job_id from ${claimed}) limit ${max}`,
  ),
  'blocked, though its key has a permit free': query<Values>(
    ({ max }) => sql`
      select b.job_id from ${blocked} b left join ${semaphores} s on s.key = b.concurrency_key
      where coalesce(s.concurrency_limit, 1) > (
        select count(*) from ${permits} p where p.concurrency_key = b.concurrency_key) limit ${max}`,
  ),
}

/** Looks for each kind of fault, at most `max` of each. Every query is one statement, so it reads one moment. */
export function findFaults(dialect: Dialect, { max }: { max: number }): Transition<readonly Fault[]> {
  return transition({
    idempotent: true,
    steps: stepsOf(dialect.bind, kinds, { max }),
    read: (results) =>
      Object.entries(results).flatMap(([fault, { rows }]) => rows.map((row) => ({ fault, id: String(row['job_id']) }))),
  })
}

import { sql } from 'kysely'
import { type Bind, type Move, move, stepsOf } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { readIds } from '../readings.ts'
import { claimed, jobs, scheduled } from '../tables.ts'
import { place } from './place.ts'

interface Values {
  list: readonly string[]
  batch: typeof thisBatch
}

/**
 * The batch itself claims the jobs while it moves them, because it changes `scheduled_at`, which is in the key of their
 * scheduled rows. The `created_at` of these claims is the clock, read once.
 */
const hold = query<Values>(
  ({ list, batch }, { now }) => sql`
    insert into ${claimed} (job_id, process_id, claim, created_at)
    select s.job_id, ${batch}, 0, ${now} from json_each(${list}) i cross join ${jobs} j on j.id = i.value
    cross join ${scheduled} s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id`,
)

const leaveScheduled = query<Values>(
  ({ batch }) => sql`
    delete from ${scheduled} where (scheduled_at, rank, job_id) in (
      select j.scheduled_at, -j.priority, j.id from ${claimed} c cross join ${jobs} j on j.id = c.job_id
      where c.process_id = ${batch})`,
)

const writeJobs = query<Values>(
  ({ batch }) => sql`
    with x as materialized (select job_id, created_at from ${claimed} where process_id = ${batch})
    update ${jobs} as j set scheduled_at = min(j.scheduled_at, x.created_at) from x where j.id = x.job_id`,
)

const held = ({ batch }: Values) => sql`
  ${claimed} c cross join ${jobs} j on j.id = c.job_id and c.process_id = ${batch}`

/** A person's job is not skipped. */
const { limit, admit, toReady, toBlocked } = place(held, { at: sql`c.created_at`, skips: false })

const unhold = query<Values>(({ batch }) => sql`delete from ${claimed} where process_id = ${batch} returning job_id`)

export function runNow(bind: Bind, { ids }: { ids: readonly string[] }): Move<readonly string[]> {
  const values = { list: [...new Set(ids)], batch: thisBatch } as const
  const steps = stepsOf(bind, { hold, leaveScheduled, writeJobs, limit, admit, toReady, toBlocked, unhold }, values)
  return move(steps, (results) => readIds(results.unhold))
}

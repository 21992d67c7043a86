import { sql } from 'kysely'
import { type Bind, type Move, move, stepsOf } from '../moves.ts'
import { query } from '../query.ts'
import { readIds } from '../readings.ts'
import { failed, jobs } from '../tables.ts'
import { place } from './place.ts'

interface Values {
  list: readonly string[]
}

/** The failed rows stay until the last step, for every step to read. */
const failedJobs = ({ list }: Values) => sql`
  json_each(${list}) i cross join ${failed} f on f.job_id = i.value cross join ${jobs} j on j.id = f.job_id`

const writeJobs = query<Values>(
  (v, { now }) => sql`
    update ${jobs} set attempts = 0, releases = 0, losses = 0, scheduled_at = ${now}, retried_at = ${now} where id in (select j.id from ${failedJobs(v)})`,
)

/** A person's job is not skipped. */
const { limit, admit, toReady, toBlocked } = place(failedJobs, { at: sql`j.scheduled_at`, skips: false })

const leaveFailed = query<Values>(
  ({ list }) => sql`delete from ${failed} where job_id in (select value from json_each(${list})) returning job_id`,
)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Move<readonly string[]> {
  const list = [...new Set(ids)]
  const steps = stepsOf(bind, { writeJobs, limit, admit, toReady, toBlocked, leaveFailed }, { list })
  return move(steps, (results) => readIds(results.leaveFailed))
}

import { type RawBuilder, sql } from 'kysely'
import { type Bind, type Dispatched, type Move, move, stepsOf } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { jobs, scheduled, ticks } from '../tables.ts'
import { hasPlace, place } from './place.ts'

interface Values {
  max: number
  batch: typeof thisBatch
}

/**
 * Reads the clock once, and notes it under the id of the batch. If no scheduled job is due, nothing is noted, and the
 * steps that follow do nothing.
 */
const note = query<Values>(
  ({ max, batch }, { now }) => sql`
    insert into ${ticks} (actor, last_run_at, report)
    select ${batch}, ${now}, '{}' where exists (${first(max, now)})`,
)

const first = (max: unknown, now: RawBuilder<unknown>) => sql`
  select scheduled_at, rank, job_id from ${scheduled} where scheduled_at <= ${now}
  order by scheduled_at, rank, job_id limit ${max}`

/** The same rows in each step, until they leave scheduled, so no row has to be marked. */
const due = ({ max, batch }: Values) => first(max, sql`(select last_run_at from ${ticks} where actor = ${batch})`)

const dueJobs = (v: Values) => sql`
  ${ticks} t cross join (${due(v)}) d on t.actor = ${v.batch} cross join ${jobs} j on j.id = d.job_id`

const { limit, admit, toReady, toBlocked } = place(dueJobs, { at: sql`t.last_run_at`, skips: true })

const skip = query<Values>(
  (v) => sql`
    with x as materialized (
      select j.id, t.last_run_at as at from ${dueJobs(v)} where not ${hasPlace} and j.on_conflict = 'skip'
    )
    update ${jobs} as j set finished_at = x.at, outcome = 'skipped' from x where j.id = x.id`,
)

const leaveScheduled = query<Values>(
  (v) => sql`delete from ${scheduled} where (scheduled_at, rank, job_id) in (${due(v)})`,
)

const unnote = query<Values>(({ batch }) => sql`delete from ${ticks} where actor = ${batch}`)

export function dispatch(bind: Bind, { max }: { max: number }): Move<Dispatched> {
  const queries = { note, limit, admit, toReady, toBlocked, skip, leaveScheduled, unnote }
  return move(stepsOf(bind, queries, { max, batch: thisBatch }), (results) => ({
    dispatched: results.leaveScheduled.affected,
    skipped: results.skip.affected,
  }))
}

import { type RawBuilder, sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement, thisBatch } from '../query.ts'
import { jobs, scheduled, ticks } from '../tables.ts'
import { hasPlace, place } from './place.ts'

interface Values {
  max: number
  batch: typeof thisBatch
}

/**
 * Asks the clock, once, and notes the answer under the id of the batch, with how many of the scheduled jobs are due. When
 * none is, nothing is noted, and nothing follows.
 */
const note = query<Values>(
  ({ max, batch }, { now }) => sql`
    insert into ${ticks} (actor, last_run_at, report)
    select ${batch}, ${now}, json_object('dispatched', due, 'skipped', 0) from (
      select count(*) as due from (${first(max, now)}))
    where due > 0`,
)

const first = (max: unknown, now: RawBuilder<unknown>) => sql`
  select scheduled_at, rank, job_id from ${scheduled} where scheduled_at <= ${now}
  order by scheduled_at, rank, job_id limit ${max}`

/** The same rows each time, until they leave: nothing has to be written to hold each of them. */
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

const noteSkipped = query<Values>(
  (v) => sql`
    with x as materialized (select count(*) as skipped from ${dueJobs(v)} where j.outcome = 'skipped')
    update ${ticks} as t set report = json_set(t.report, '$.skipped', x.skipped) from x
    where t.actor = ${v.batch} and x.skipped > 0`,
)

const leaveScheduled = query<Values>(
  (v) => sql`delete from ${scheduled} where (scheduled_at, rank, job_id) in (${due(v)})`,
)

const answer = query<Values>(
  ({ batch }) => sql`
    delete from ${ticks} where actor = ${batch}
    returning report ->> '$.dispatched' as dispatched, report ->> '$.skipped' as skipped`,
)

export function dispatch(bind: Bind, { max }: { max: number }): Statement[] {
  const values = { max, batch: thisBatch } as const
  return [note, limit, admit, toReady, toBlocked, skip, noteSkipped, leaveScheduled, answer].map((step) =>
    bind(step, values),
  )
}

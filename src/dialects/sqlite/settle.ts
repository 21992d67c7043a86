import { type RawBuilder, sql } from 'kysely'
import type { Bind, Ending } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { claimed, failed, jobs, ready, scheduled } from '../tables.ts'
import { appendError } from './errors.ts'

interface Values {
  processId: string
  list: string
}

/**
 * The fence: only claims that are still this invocation's, of that number. One that somebody has cancelled meanwhile
 * does not run again. CROSS JOIN keeps the order of the joins.
 */
const own = ({ processId, list }: Values): RawBuilder<unknown> => sql`
  json_each(${list}) i cross join ${claimed} c
    on c.job_id = i.value ->> '$.id' and c.process_id = ${processId} and c.claim = i.value ->> '$.claim'`

const writeJobs = query<Values>(
  (v, { now }) => sql`
    with x as materialized (
      select c.job_id, c.created_at as claimed_at,
        iif(c.cancel_requested and i.value ->> '$.kind' in ('retried', 'released'), 'cancelled', i.value ->> '$.kind') as kind, i.value ->> '$.result' as result,
        i.value ->> '$.resultMeta' as result_meta, i.value ->> '$.progress' as progress,
        i.value ->> '$.error' as error, i.value ->> '$.delayMs' as delay, i.value ->> '$.spent' as spent,
        i.value ->> '$.whole' as whole
      from ${own(v)}
    )
    update ${jobs} as j set
      attempts = j.attempts + x.spent,
      releases = j.releases + x.whole,
      started_at = iif(x.spent, x.claimed_at, j.started_at),
      finished_at = iif(x.kind in ('succeeded', 'cancelled'), ${now}, null),
      outcome = iif(x.kind in ('succeeded', 'cancelled'), x.kind, null),
      result = x.result,
      result_meta = x.result_meta,
      progress = coalesce(x.progress, j.progress),
      scheduled_at = iif(x.kind = 'retried', ${now} + x.delay, j.scheduled_at),
      errors = iif(x.error is null, j.errors, ${appendError(sql`j.errors`, sql`x.error`, now)})
    from x where j.id = x.job_id`,
)

const toScheduled = query<Values>(
  (v) => sql`
    insert into ${scheduled} (job_id, queue_name, priority, scheduled_at)
    select j.id, j.queue_name, j.priority, j.scheduled_at from ${own(v)} cross join ${jobs} j on j.id = c.job_id
    where not c.cancel_requested`,
)

const toFailed = query<Values>(
  (v, { now }) => sql`
    insert into ${failed} (job_id, fingerprint, error, created_at)
    select j.id, j.task_name || '/' || (i.value ->> '$.fingerprint'), j.errors -> '$[#-1]', ${now} from ${own(v)} cross join ${jobs} j on j.id = c.job_id
    where true on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at`,
)

const toReady = query<Values>(
  (v, { now }) => sql`
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select j.id, j.queue_name, j.priority, ${now} from ${own(v)} cross join ${jobs} j on j.id = c.job_id
    where not c.cancel_requested on conflict do nothing`,
)

const leaveClaimed = query<Values>(
  ({ processId, list }) => sql`
    delete from ${claimed} where process_id = ${processId}
      and (job_id, claim) in (select value ->> '$.id', value ->> '$.claim' from json_each(${list}))
    returning job_id, cancel_requested`,
)

export function settle(
  bind: Bind,
  { processId, endings }: { processId: string; endings: readonly Ending[] },
): Statement[] {
  const list = (of: readonly Ending[]) =>
    JSON.stringify(of.map(({ id, claim, fingerprint }) => ({ id, claim, fingerprint })))
  const state = (kind: Ending['kind'], insert: typeof toReady) => {
    const some = endings.filter((ending) => ending.kind === kind)
    return some.length === 0 ? [] : [bind(insert, { processId, list: list(some) })]
  }
  return [
    bind(writeJobs, { processId, list: JSON.stringify(endings) }),
    ...state('retried', toScheduled),
    ...state('failed', toFailed),
    ...state('released', toReady),
    bind(leaveClaimed, { processId, list: list(endings) }),
  ]
}

const writeProgress = query<Values>(
  ({ processId, list }) => sql`
    with x as materialized (
      select c.job_id, i.value ->> '$.progress' as progress from json_each(${list}) i cross join ${claimed} c
        on c.job_id = i.value ->> '$.id' and c.process_id = ${processId}
    )
    update ${jobs} as j set progress = x.progress from x where j.id = x.job_id`,
)

export function progress(
  bind: Bind,
  { processId, reports }: { processId: string; reports: readonly { id: string; progress: string }[] },
): Statement[] {
  return reports.length === 0 ? [] : [bind(writeProgress, { processId, list: JSON.stringify(reports) })]
}

import { type RawBuilder, sql } from 'kysely'
import { type Bind, type Ending, type Move, move, stepsOf } from '../moves.ts'
import { type Query, query, type Statement } from '../query.ts'
import { readOwned } from '../readings.ts'
import { claimed, failed, jobs, permits, ready, scheduled } from '../tables.ts'
import { appendError } from './errors.ts'
import { jsonRecord } from './json-record.ts'
import { hasPlace, jobsOf } from './place.ts'
import { keysOf, unblock } from './unblock.ts'

interface Values {
  invocationId: string
  /** JSON text if the results, progress and errors of jobs travel in it unescaped. */
  list: readonly object[] | string
}

/**
 * The fence: only claims that this invocation still holds, of the same number. A job that was cancelled meanwhile does
 * not run again. CROSS JOIN keeps the order of the joins.
 */
const own = ({ invocationId, list }: Values): RawBuilder<unknown> => sql`
  json_each(${list}) i cross join ${claimed} c
    on c.job_id = i.value ->> '$.id' and c.process_id = ${invocationId} and c.claim = i.value ->> '$.claim'`

const settleJobs = ({ limited }: { limited: boolean }) =>
  query<Values>((v, { now }) => {
    const retriedAt = sql`iif(x.kind = 'retried', ${now} + x.delay, j.scheduled_at)`
    return sql`
    with x as materialized (
      select c.job_id, c.created_at as claimed_at,
        iif(c.cancel_requested and i.value ->> '$.kind' in ('retried', 'released'), 'cancelled', i.value ->> '$.kind') as kind, i.value -> '$.result' as result,
        i.value -> '$.result_meta' as result_meta, i.value -> '$.progress' as progress,
        i.value -> '$.error' as error, i.value ->> '$.delayMs' as delay, i.value ->> '$.spent' as spent,
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
      scheduled_at = ${limited ? sql`iif(x.kind = 'released' and not ${hasPlace}, ${now}, ${retriedAt})` : retriedAt},
      errors = iif(x.error is null, j.errors, ${appendError(sql`j.errors`, sql`x.error`, now)})
    from x where j.id = x.job_id`
  })

const toScheduled = query<Values>(
  (v) => sql`
    insert into ${scheduled} (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from ${own(v)} cross join ${jobs} j on j.id = c.job_id
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
    insert into ${ready} (job_id, queue_name, rank, created_at)
    select j.id, j.queue_name, -j.priority, ${now} from ${own(v)} cross join ${jobs} j on j.id = c.job_id
    where not c.cancel_requested on conflict do nothing`,
)

/** A released job that is limited keeps its permit. */
const toReadyWithPlace = query<Values>(
  (v, { now }) => sql`
    insert into ${ready} (job_id, queue_name, rank, created_at)
    select j.id, j.queue_name, -j.priority, ${now} from ${own(v)} cross join ${jobs} j on j.id = c.job_id
    where not c.cancel_requested and ${hasPlace} on conflict do nothing`,
)

/** A released job whose permit has expired meanwhile is placed again, at dispatch. */
const toScheduledWithoutPlace = query<Values>(
  (v) => sql`
    insert into ${scheduled} (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from ${own(v)} cross join ${jobs} j on j.id = c.job_id
    where not c.cancel_requested and not ${hasPlace}`,
)

/** Takes the permits of all jobs but the released ones. */
const free = query<Values>(
  (v) => sql`
    delete from ${permits} where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from ${own(v)} cross join ${jobs} j on j.id = c.job_id
      where j.concurrency_key is not null and (i.value ->> '$.kind' <> 'released' or c.cancel_requested))`,
)

const passOn = unblock<{ ids: readonly string[] }>(({ ids }) => keysOf(jobsOf(ids)))

const leaveClaimed = query<Values>(
  ({ invocationId, list }) => sql`
    delete from ${claimed} where process_id = ${invocationId}
      and (job_id, claim) in (select value ->> '$.id', value ->> '$.claim' from json_each(${list}))
    returning job_id, cancel_requested`,
)

const unlimited = { writeJobs: settleJobs({ limited: false }), released: { toReady } }
const withLimits = {
  writeJobs: settleJobs({ limited: true }),
  released: { toReadyWithPlace, toScheduledWithoutPlace },
}

export function settle(
  bind: Bind,
  { invocationId, endings, limited }: { invocationId: string; endings: readonly Ending[]; limited: boolean },
): Move<ReadonlyMap<string, boolean>> {
  const { writeJobs, released } = limited ? withLimits : unlimited
  const valuesOf = (some: readonly Ending[]) => ({
    invocationId,
    list: some.map(({ id, claim, kind, fingerprint }) => ({ id, claim, kind, fingerprint })),
  })
  const all = valuesOf(endings)
  /** The statements for the endings of a kind, if there are any. */
  const of = (kind: Ending['kind'], queries: Readonly<Record<string, Query<Values>>>) => {
    const some = endings.filter((ending) => ending.kind === kind)
    return some.length === 0 ? {} : stepsOf(bind, queries, valuesOf(some))
  }
  const steps = {
    writeJobs: bind(writeJobs, { invocationId, list: wholeListOf(endings) }),
    ...of('retried', { toScheduled }),
    ...of('failed', { toFailed }),
    ...of('released', released),
    ...(limited ? { free: bind(free, all), ...stepsOf(bind, passOn, { ids: endings.map(({ id }) => id) }) } : {}),
    leaveClaimed: bind(leaveClaimed, all),
  }
  return move(steps, (results) => readOwned(results.leaveClaimed))
}

/** The endings as JSON text, with results, progress and errors unescaped. */
function wholeListOf(endings: readonly Ending[]): string {
  const records = endings.map(({ result, resultMeta, progress: last, error, ...plain }) =>
    jsonRecord(plain, { result, result_meta: resultMeta, progress: last, error }),
  )
  return `[${records.join()}]`
}

const writeProgress = query<Values>(
  ({ invocationId, list }) => sql`
    with x as materialized (
      select c.job_id, i.value -> '$.progress' as progress from json_each(${list}) i cross join ${claimed} c
        on c.job_id = i.value ->> '$.id' and c.process_id = ${invocationId}
    )
    update ${jobs} as j set progress = x.progress from x where j.id = x.job_id`,
)

export function progress(
  bind: Bind,
  { invocationId, reports }: { invocationId: string; reports: readonly { id: string; progress: string }[] },
): Statement | null {
  if (reports.length === 0) return null
  const records = reports.map(({ id, progress: last }) => jsonRecord({ id }, { progress: last }))
  return bind(writeProgress, { invocationId, list: `[${records.join()}]` })
}

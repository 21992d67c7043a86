import { type RawBuilder, sql } from 'kysely'
import { type Bind, type Ending, type Move, move } from '../moves.ts'
import { query, type Statement, thisBatch } from '../query.ts'
import { readOwned } from '../readings.ts'
import { claimed, failed, jobs, permits, processes, ready, scheduled } from '../tables.ts'
import { appendError } from './errors.ts'
import { unblock } from './limits.ts'

interface Values {
  invocationId: string
  list: readonly object[]
  batch: typeof thisBatch
}

/**
 * Whether a released job keeps its place: it is not limited, or still has its permit. A job whose permit has expired
 * meanwhile is placed again.
 */
const hasPlace = (job: RawBuilder<unknown>, key: RawBuilder<unknown>) =>
  sql`(${key} is null or exists (select 1 from ${permits} p where p.job_id = ${job}))`

/** Gives the permits of the settled jobs to the next blocked jobs of their keys, behind the lock of the keys. */
const passOn = (batch: unknown, now: RawBuilder<Date>) => sql`
  freed as (
    delete from ${permits} where job_id = any(array(select id from settled where became <> 'released'))
    returning concurrency_key
  ), ${unblock(batch, now, { keys: sql`select concurrency_key from settled` })},`

/**
 * One statement. The invocation's own row is locked first, which keeps out pruners and a second try of the same batch.
 * `own` is the fence: only claims that this invocation still holds, of the same number, are settled. A job that was
 * cancelled meanwhile does not run again.
 */
const settleOwn = ({ limited }: { limited: boolean }) =>
  query<Values>(({ invocationId, list, batch }, { now, after }) => {
    const late = limited
      ? sql`when e.became = 'released' and not ${hasPlace(sql`j.id`, sql`j.concurrency_key`)} then ${now}`
      : sql``
    return sql`
    with process as materialized (
      select id from ${processes} where id = ${invocationId}::uuid for update
    ), ending as materialized (
      select * from json_to_recordset(${list}::json) as x(id uuid, claim integer, kind text, result text,
        result_meta text, progress text, error text, fingerprint text, delay bigint, spent integer, whole integer)
    ), own as (
      delete from ${claimed} c using process p, ending e
      where c.job_id = e.id and c.process_id = p.id and c.claim = e.claim
      returning c.job_id, c.created_at, c.cancel_requested
    ), ended as materialized (
      select e.*, o.created_at as claimed_at,
        case when o.cancel_requested and e.kind in ('retried', 'released') then 'cancelled' else e.kind end as became
      from own o join ending e on e.id = o.job_id
    ), settled as (
      update ${jobs} j set
        attempts = j.attempts + e.spent,
        releases = j.releases + e.whole,
        started_at = case when e.spent = 1 then e.claimed_at else j.started_at end,
        finished_at = case when e.became in ('succeeded', 'cancelled') then ${now} end,
        outcome = case when e.became in ('succeeded', 'cancelled') then e.became end,
        result = e.result::json,
        result_meta = e.result_meta::json,
        progress = coalesce(e.progress::json, j.progress),
        scheduled_at = case when e.became = 'retried' then ${after(sql`e.delay`)} ${late} else j.scheduled_at end,
        errors = case when e.error is null then j.errors else ${appendError(sql`j.errors`, sql`e.error::jsonb`, now)} end
      from ended e where j.id = e.id
      returning j.id, j.task_name, j.queue_name, -j.priority as rank, j.concurrency_key, j.scheduled_at, e.became, e.error, e.fingerprint
    ), retried as (
      insert into ${scheduled} (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, scheduled_at from settled
      where became = 'retried' ${limited ? sql`or became = 'released' and not ${hasPlace(sql`settled.id`, sql`settled.concurrency_key`)}` : sql``}
    ), failure as (
      insert into ${failed} (job_id, fingerprint, error, created_at)
      select id, task_name || '/' || fingerprint, error::jsonb, ${now} from settled where became = 'failed'
      on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at
    ), ${limited ? passOn(batch, now) : sql``} released as (
      insert into ${ready} (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, ${now} from settled
      where became = 'released' ${limited ? sql`and ${hasPlace(sql`settled.id`, sql`settled.concurrency_key`)}` : sql``}
      on conflict do nothing
    )
    select job_id, case when cancel_requested then 1 else 0 end as cancel_requested from own`
  })

const unlimited = settleOwn({ limited: false })
const withLimits = settleOwn({ limited: true })

export function settle(
  bind: Bind,
  { invocationId, endings, limited }: { invocationId: string; endings: readonly Ending[]; limited: boolean },
): Move<ReadonlyMap<string, boolean>> {
  const own = bind(limited ? withLimits : unlimited, {
    invocationId,
    batch: thisBatch,
    list: endings.map((ending) => ({
      id: ending.id,
      claim: ending.claim,
      kind: ending.kind,
      result: ending.result,
      result_meta: ending.resultMeta,
      progress: ending.progress,
      error: ending.error,
      fingerprint: ending.fingerprint,
      delay: ending.delayMs,
      spent: Number(ending.spent),
      whole: Number(ending.whole),
    })),
  })
  return move({ own }, (results) => readOwned(results.own))
}

const writeProgress = query<{ invocationId: string; list: readonly object[] }>(
  ({ invocationId, list }) => sql`
    update ${jobs} j set progress = x.progress::json
    from json_to_recordset(${list}::json) as x(id uuid, progress text), ${claimed} c
    where j.id = x.id and c.job_id = x.id and c.process_id = ${invocationId}::uuid`,
)

export function progress(
  bind: Bind,
  { invocationId, reports }: { invocationId: string; reports: readonly { id: string; progress: string }[] },
): Statement | null {
  return reports.length === 0 ? null : bind(writeProgress, { invocationId, list: reports })
}

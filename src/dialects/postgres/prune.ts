import { sql } from 'kysely'
import { lostTooOften, runsAgain } from '../losses.ts'
import { type Bind, type Move, move, type PrunedJob } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { readPruned } from '../readings.ts'
import { claimed, failed, jobs, permits, processes, scheduled } from '../tables.ts'
import { appendError } from './errors.ts'
import { holdsKeyOf, unblock } from './limits.ts'

/** A job before and after its loss is counted. */
const uncounted = { onLost: sql`j.on_lost`, losses: sql`(j.losses + 1)` }
const counted = { onLost: sql`j.on_lost`, losses: sql`j.losses` }

/**
 * One statement. It takes process rows and claims with SKIP LOCKED. A settlement that is under way holds its process
 * row, so a prune and a settlement never take the same claims in different order; two prunes settle each job once.
 */
const pruneLost = query<{ max: number; fingerprint: string; batch: typeof thisBatch }>(
  ({ max, fingerprint, batch }, { now }) => sql`
    with dead as materialized (
      select id, name, last_heartbeat_at from ${processes} where lease_expires_at <= ${now}
      order by lease_expires_at limit ${max}::integer for update skip locked
    ), lost as materialized (
      select job_id, process_id from ${claimed} c
      where (process_id = any(array(select id from dead))
        or not exists (select 1 from ${processes} p where p.id = c.process_id)) and ${holdsKeyOf(batch, sql`c.job_id`)}
      for update skip locked
    ), own as (
      delete from ${claimed} where job_id = any(array(select job_id from lost))
      returning job_id, process_id, created_at, cancel_requested
    ), explained as (
      select o.*, case when d.id is null
          then 'The invocation ' || o.process_id || ' that was performing this job no longer exists.'
          else 'The invocation ' || o.process_id || ' (' || d.name || ') that was performing this job was lost: its lease expired, '
            || 'and its last heartbeat was at ' || to_char(d.last_heartbeat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '. It was killed, could not reach the database, or stood still: a handler that computes without a pause keeps its process from renewing the lease.'
        end as message
      from own o left join dead d on d.id = o.process_id
    ), settled as (
      update ${jobs} j set
        losses = j.losses + 1,
        started_at = x.created_at,
        scheduled_at = case when not x.cancel_requested and ${runsAgain(uncounted)}
          then ${now} else j.scheduled_at end,
        finished_at = case when x.cancel_requested then ${now} end,
        outcome = case when x.cancel_requested then 'cancelled' end,
        errors = ${appendError(
          sql`j.errors`,
          sql`jsonb_build_object('name', 'ProcessPrunedError',
          'message', x.message || ${lostTooOften(uncounted)},
          'stack', null, 'attempt', j.attempts + 1)`,
          now,
        )}
      from explained x where j.id = x.job_id and j.id = any(array(select job_id from own))
      returning j.id, j.queue_name, j.task_name, -j.priority as rank, j.concurrency_key, j.errors -> -1 as error, x.process_id,
        case when x.cancel_requested then 'cancelled'
          when ${runsAgain(counted)} then 'retried' else 'failed' end as kind
    ), retried as (
      insert into ${scheduled} (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, ${now} from settled where kind = 'retried'
    ), failure as (
      insert into ${failed} (job_id, fingerprint, error, created_at)
      select id, task_name || '/' || ${fingerprint}, error, ${now} from settled where kind = 'failed'
      on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at
    ), freed as (
      delete from ${permits} where job_id = any(array(select id from settled)) returning concurrency_key
    ), ${unblock(batch, now, { keys: sql`select concurrency_key from settled` })}, retired as (
      delete from ${processes} p where id = any(array(select id from dead)) and not exists (
        select 1 from ${claimed} c where c.process_id = p.id and c.job_id <> all(array(select job_id from own)))
    )
    select id as job_id, process_id, task_name, queue_name, kind from settled`,
)

export function prune(bind: Bind, input: { max: number; fingerprint: string }): Move<readonly PrunedJob[]> {
  return move({ settled: bind(pruneLost, { ...input, batch: thisBatch }) }, (results) => readPruned(results.settled))
}

import { sql } from 'kysely'
import { lostTooOften, runsAgain } from '../losses.ts'
import { type Bind, type Move, move, type PrunedJob, stepsOf } from '../moves.ts'
import { query, thisBatch } from '../query.ts'
import { readPruned } from '../readings.ts'
import { claimed, failed, jobs, permits, processes, scheduled } from '../tables.ts'
import { appendError } from './errors.ts'
import { keysOf, unblock } from './unblock.ts'

interface Values {
  max: number
  fingerprint: string
  batch: typeof thisBatch
}

/** Asks the clock once which invocations are lost: the statements that follow read `pruned_by`. */
const pin = query<Values>(
  ({ max, batch }, { now }) => sql`
    update ${processes} set pruned_by = ${batch} where id in (
      select id from ${processes} where lease_expires_at <= ${now} order by lease_expires_at limit ${max})`,
)

const lost = (batch: unknown) => sql`
  select c.job_id, c.created_at, c.process_id, c.cancel_requested, p.name, p.last_heartbeat_at
  from ${claimed} c left join ${processes} p on p.id = c.process_id where p.id is null or p.pruned_by = ${batch}`

/** A job before and after its loss is counted, which is the first step. */
const uncounted = { onLost: sql`on_lost`, losses: sql`(losses + 1)` }
const counted = { onLost: sql`j.on_lost`, losses: sql`j.losses` }

const writeJobs = query<Values>(
  ({ batch }, { now }) => sql`
    with x as materialized (${lost(batch)})
    update ${jobs} set
      losses = losses + 1,
      started_at = x.created_at,
      scheduled_at = iif(not x.cancel_requested and ${runsAgain(uncounted)}, ${now}, scheduled_at),
      finished_at = iif(x.cancel_requested, ${now}, null),
      outcome = iif(x.cancel_requested, 'cancelled', null),
      errors = ${appendError(
        sql`errors`,
        sql`json_object('name', 'ProcessPrunedError', 'message', iif(x.name is null,
            'The invocation ' || x.process_id || ' that was performing this job no longer exists.',
            'The invocation ' || x.process_id || ' (' || x.name || ') that was performing this job was lost: its lease expired, '
              || 'and its last heartbeat was at ' || strftime('%Y-%m-%dT%H:%M:%SZ', x.last_heartbeat_at / 1000, 'unixepoch')
              || '. It was killed, could not reach the database, or stood still: a handler that computes without a pause keeps its process from renewing the lease.')
              || ${lostTooOften(uncounted)},
          'stack', null, 'attempt', attempts + 1)`,
        now,
      )}
    from x where id = x.job_id`,
)

const toScheduled = query<Values>(
  ({ batch }) => sql`
    insert into ${scheduled} (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from (${lost(batch)}) x cross join ${jobs} j on j.id = x.job_id
    where not x.cancel_requested and ${runsAgain(counted)}`,
)

const toFailed = query<Values>(
  ({ batch, fingerprint }, { now }) => sql`
    insert into ${failed} (job_id, fingerprint, error, created_at)
    select j.id, j.task_name || '/' || ${fingerprint}, j.errors -> '$[#-1]', ${now} from (${lost(batch)}) x cross join ${jobs} j on j.id = x.job_id
    where not x.cancel_requested and not (${runsAgain(counted)})
    on conflict (job_id) do update set fingerprint = excluded.fingerprint, error = excluded.error, created_at = excluded.created_at`,
)

/** Takes the permits of all lost jobs: a job that is retried is placed again. */
const free = query<Values>(
  ({ batch }) => sql`
    delete from ${permits} where (concurrency_key, job_id) in (
      select j.concurrency_key, j.id from (${lost(batch)}) x cross join ${jobs} j on j.id = x.job_id
      where j.concurrency_key is not null)`,
)

const passOn = unblock<Values>(({ batch }) => keysOf(sql`(${lost(batch)}) x cross join ${jobs} j on j.id = x.job_id`))

const retire = query<Values>(({ batch }) => sql`delete from ${processes} where pruned_by = ${batch}`)

/** Once `retire` has deleted the process rows, the lost claims are the claims without a process. */
const leaveClaimed = query<Values>(
  () => sql`
    delete from ${claimed} where not exists (select 1 from ${processes} p where p.id = process_id)
    returning job_id, process_id,
      (select queue_name from ${jobs} j where j.id = job_id) as queue_name,
      (select task_name from ${jobs} j where j.id = job_id) as task_name,
      iif(cancel_requested, 'cancelled', (
        select iif(${runsAgain(counted)}, 'retried', 'failed') from ${jobs} j where j.id = job_id)) as kind`,
)

export function prune(bind: Bind, input: { max: number; fingerprint: string }): Move<readonly PrunedJob[]> {
  const values = { ...input, batch: thisBatch } as const
  const queries = { pin, writeJobs, toScheduled, toFailed, free, ...passOn, retire, leaveClaimed }
  return move(stepsOf(bind, queries, values), (results) => readPruned(results.leaveClaimed))
}

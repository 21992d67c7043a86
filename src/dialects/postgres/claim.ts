import { type RawBuilder, sql } from 'kysely'
import { type Bind, type ClaimInput, type Move, move, type QueueSelection } from '../moves.ts'
import { type Build, query, type Row } from '../query.ts'
import { claimed, jobs, pauses, processes, ready } from '../tables.ts'
import { fromRanges } from './claim-ranges.ts'
import { exactly } from './exactly.ts'

interface Values {
  invocationId: string
  claim: number
  first: boolean
  worker: string
  name: string
  leaseMs: number
  maxInvocations: number
  max: number
  queues: readonly unknown[]
}

/**
 * One statement. SKIP LOCKED lets concurrent ticks claim different jobs instead of waiting for each other. The CTEs are
 * fences: the LIMIT of a plain subquery may be evaluated more than once, and would then claim more jobs than asked for.
 * Conditions that do not depend on the row stand in LIMIT (`allowed.n`), so that a refused claim costs no scan.
 *
 * `picked` gives the places of ready rows: their ctid, which does not change while the row is locked. A ready row whose
 * job is claimed already, or is gone, is deleted and not claimed. The last part also answers a claim that was sent
 * again. The jobs are read in that part and not before: a CTE of large payloads would not fit into memory, and would go
 * through a file.
 */
function claimPicked(
  v: Values,
  { now, after, json, epochMs }: Build,
  picked: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const columns = sql`id, queue_name, task_name, ${json(sql`payload`)} as payload, ${json(sql`payload_meta`)} as payload_meta,
    priority, attempts, max_attempts, releases, ${epochMs(sql`enqueued_at`)} as enqueued_at, ${epochMs(sql`scheduled_at`)} as scheduled_at, concurrency_key, concurrency_limit`
  return sql`
    with recursive allowed as materialized (
      select case when not exists (
          select 1 from ${claimed} where process_id = ${v.invocationId}::uuid and claim = ${v.claim}::integer)
        and case when ${v.first}::boolean
          then not exists (select 1 from ${processes} where id = ${v.invocationId}::uuid)
            and (select count(*) from ${processes} where worker = ${v.worker} and lease_expires_at > ${now})
              < ${v.maxInvocations}::integer
          else exists (select 1 from ${processes}
            where id = ${v.invocationId}::uuid and worker = ${v.worker} and lease_expires_at > ${now}) end
        then ${v.max}::integer else 0 end as n
    ), ${picked}, gone as (
      delete from ${ready} where ctid = any(array(select place from picked)) returning job_id
    ), job as materialized (
      select id from ${jobs} where id = any(array(select job_id from gone))
    ), held as (
      insert into ${claimed} (job_id, process_id, claim, created_at)
      select id, ${v.invocationId}::uuid, ${v.claim}::integer, ${now} from job
      on conflict (job_id) do nothing returning job_id
    ), invocation as (
      insert into ${processes} (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
      select ${v.invocationId}::uuid, ${v.worker}, ${v.name}, ${now}, ${now}, ${after(v.leaseMs)}
      where ${v.first}::boolean and exists (select 1 from held)
      on conflict (id) do nothing
    )
    select ${columns} from ${jobs} where id = any(array(
      select job_id from held
      union all
      select job_id from ${claimed} where process_id = ${v.invocationId}::uuid and claim = ${v.claim}::integer))`
}

const allowed = sql`(select n from allowed)`

const inQueue = (name: RawBuilder<unknown>) => exactly(sql`queue_name`, name)

/** Each queue is one index range. The nested loop stops at the limit, so no further row is locked. */
const claimNames = query<Values>((v, build) =>
  claimPicked(
    v,
    build,
    sql`picked as materialized (
      select r.place from (
        select q.name from json_array_elements_text(${v.queues}::json) with ordinality as q(name, place)
        where not exists (select 1 from ${pauses} p where p.queue_name = q.name) order by q.place
      ) q cross join lateral (
        select ctid as place from ${ready} where ${inQueue(sql`q.name`)}
        order by queue_name, rank, job_id limit ${allowed} for update skip locked
      ) r limit ${allowed}
    )`,
  ),
)

const claimRanges = query<Values>((v, build) =>
  claimPicked(v, build, sql`${fromRanges(v.queues, allowed)}, picked as materialized (select place from ranged)`),
)

const isPaused = sql`exists (select 1 from ${pauses})`

/** Every queue: one index range over all, or, while some queue is paused, a range of names. */
const claimAll = query<Values>((v, build) =>
  claimPicked(
    v,
    build,
    sql`unpaused as materialized (
      select ctid as place from ${ready} order by rank, job_id
      limit case when ${isPaused} then 0 else ${allowed} end for update skip locked
    ), ${fromRanges(v.queues, sql`(select case when ${isPaused} then n else 0 end from allowed)`)},
    picked as materialized (select place from unpaused union all select place from ranged)`,
  ),
)

/**
 * A later claim that is sent again waits here for the claims of its first try, if that try still runs. A first claim
 * waits for the key of its worker instead. A separate statement, so that the next one has a younger snapshot.
 */
const lockProcess = query<{ invocationId: string }>(
  ({ invocationId }) => sql`select id from ${processes} where id = ${invocationId}::uuid for update`,
)

const byKind = { all: claimAll, names: claimNames, ranges: claimRanges }

export function claim(bind: Bind, { queues, ...input }: ClaimInput): Move<readonly Row[]> {
  const { invocationId, first } = input
  const steps = {
    lockProcess: first ? null : bind(lockProcess, { invocationId }),
    claimed: bind(byKind[queues.kind], { ...input, queues: queueList(queues) }),
  }
  return move(steps, (results) => results.claimed.rows)
}

function queueList(queues: QueueSelection): readonly unknown[] {
  if (queues.kind === 'names') return queues.names
  return queues.ranges.map((range, place) => ({ place, ...range }))
}

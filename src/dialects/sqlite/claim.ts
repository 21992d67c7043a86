import { type RawBuilder, sql } from 'kysely'
import { type Bind, type ClaimInput, type Move, move, type QueueSelection } from '../moves.ts'
import { type Build, query, type Row } from '../query.ts'
import { claimed, jobs, pauses, processes, ready } from '../tables.ts'
import { fromRanges } from './claim-ranges.ts'

interface Values {
  invocationId: string
  claim: number
  first: number
  worker: string
  name: string
  leaseMs: number
  maxInvocations: number
  max: number
  queues: readonly unknown[]
}

type Pick = (v: Values, limit: RawBuilder<unknown>) => RawBuilder<unknown>

/**
 * The rows to claim, in order. There is no LATERAL: a list of keys per queue, and the row by its key, do the same. Each
 * queue is one range of the primary key. Conditions that do not depend on the row stand in LIMIT: in WHERE, they would
 * be tested for each row of the index.
 */
const pickNames: Pick = (v, limit) => sql`
  select r.queue_name, r.rank, r.job_id from (
    select value as name, key as place from json_each(${v.queues})
    where not exists (select 1 from ${pauses} p where p.queue_name = value)
  ) q cross join ${ready} r
  where (r.queue_name, r.rank, r.job_id) in (
    select queue_name, rank, job_id from ${ready} where queue_name = q.name
    order by rank, job_id limit ${v.max})
  order by q.place, r.rank, r.job_id limit ${limit}`

const pickRanges: Pick = (v, limit) => fromRanges(v.queues, v.max, limit)

/** Every queue: one index range over all, or, while some queue is paused, a range of names. */
const pickAll: Pick = (v, limit) => sql`
  select * from (
    select queue_name, rank, job_id from ${ready} order by rank, job_id
    limit iif(exists (select 1 from ${pauses}), 0, ${limit}))
  union all
  select * from (${fromRanges(v.queues, sql`iif(exists (select 1 from ${pauses}), ${v.max}, 0)`, limit)})`

const statementsOf = (pick: Pick) => ({
  take: query<Values>(
    (v, { now }: Build) => sql`
      insert into ${claimed} (job_id, process_id, claim, created_at)
      select p.job_id, ${v.invocationId}, cast(${v.claim} as integer), ${now} from (${pick(
        v,
        sql`iif(not exists (
            select 1 from ${claimed} where process_id = ${v.invocationId} and claim = ${v.claim})
          and iif(${v.first},
            not exists (select 1 from ${processes} where id = ${v.invocationId})
              and (select count(*) from ${processes} where worker = ${v.worker} and lease_expires_at > ${now})
                < ${v.maxInvocations},
            exists (select 1 from ${processes}
              where id = ${v.invocationId} and worker = ${v.worker} and lease_expires_at > ${now})),
          ${v.max}, 0)`,
      )}) p
      where exists (select 1 from ${jobs} j where j.id = p.job_id)
      on conflict (job_id) do nothing`,
  ),
  /** Picks the same rows once more. A row whose job was claimed before, or is gone, is deleted too, and not claimed. */
  leaveReady: query<Values>(
    (v) => sql`
      delete from ${ready} where (queue_name, rank, job_id) in (
        select queue_name, rank, job_id from (${pick(v, sql`${v.max}`)}))
      and (job_id in (select job_id from ${claimed}) or not exists (select 1 from ${jobs} j where j.id = job_id))`,
  ),
})

const byKind = {
  all: statementsOf(pickAll),
  names: statementsOf(pickNames),
  ranges: statementsOf(pickRanges),
}

const register = query<Values>(
  (v, { now, after }) => sql`
    insert into ${processes} (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    select ${v.invocationId}, ${v.worker}, ${v.name}, ${now}, ${now}, ${after(v.leaseMs)}
    where exists (select 1 from ${claimed} where process_id = ${v.invocationId} and claim = ${v.claim})
    on conflict (id) do nothing`,
)

const read = query<Values>(
  (v, { epochMs }) => sql`
    select j.id, j.queue_name, j.task_name, j.payload, j.payload_meta, j.priority, j.attempts, j.max_attempts,
      j.releases, ${epochMs(sql`j.enqueued_at`)} as enqueued_at, ${epochMs(sql`j.scheduled_at`)} as scheduled_at, j.concurrency_key, j.concurrency_limit
    from ${claimed} c cross join ${jobs} j on j.id = c.job_id
    where c.process_id = ${v.invocationId} and c.claim = ${v.claim}`,
)

export function claim(bind: Bind, { queues, first, ...input }: ClaimInput): Move<readonly Row[]> {
  const { take, leaveReady } = byKind[queues.kind]
  const values = { ...input, first: Number(first), queues: queueList(queues) }
  const steps = {
    take: bind(take, values),
    leaveReady: bind(leaveReady, values),
    register: first ? bind(register, values) : null,
    claimed: bind(read, values),
  }
  return move(steps, (results) => results.claimed.rows)
}

function queueList(queues: QueueSelection): readonly unknown[] {
  return queues.kind === 'names' ? queues.names : queues.ranges
}

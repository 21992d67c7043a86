import { type RawBuilder, sql } from 'kysely'
import type { Bind, ClaimInput, QueueSelection } from '../moves.ts'
import { type Build, query, type Statement } from '../query.ts'
import { claimed, jobs, pauses, processes, ready } from '../tables.ts'

interface Values {
  processId: string
  claim: number
  first: number
  worker: string
  name: string
  leaseMs: number
  maxInvocations: number
  max: number
  queues: string
}

type Pick = (v: Values, limit: RawBuilder<unknown>) => RawBuilder<unknown>

/**
 * The rows to claim, in order. There is no LATERAL here: a list of keys per queue, and the row by its key, do the same.
 * Each queue is one range of the primary key. What does not depend on the row stands in LIMIT, not in WHERE, where it
 * would be tested for each row of the index.
 */
const byName = (v: Values, queues: RawBuilder<unknown>, limit: RawBuilder<unknown>) => sql`
  select r.queue_name, r.rank, r.job_id from (${queues}) q cross join ${ready} r
  where (r.queue_name, r.rank, r.job_id) in (
    select queue_name, rank, job_id from ${ready} where queue_name = q.name
    order by rank, job_id limit ${v.max})
  order by q.place, r.rank, r.job_id limit ${limit}`

const pickNames: Pick = (v, limit) =>
  byName(
    v,
    sql`select value as name, key as place from json_each(${v.queues})
      where not exists (select 1 from ${pauses} p where p.queue_name = value)`,
    limit,
  )

/** The names that ready jobs have now, by a loose index scan: its cost follows the number of queues, not of jobs. */
const names = sql`with recursive names(name) as (
    select min(queue_name) from ${ready}
    union all
    select (select min(queue_name) from ${ready} where queue_name > n.name) from names n where n.name is not null
  )`

const pickPatterns: Pick = (v, limit) =>
  byName(
    v,
    sql`${names} select n.name, min(w.key) as place from names n cross join json_each(${v.queues}) w
      where n.name is not null and iif(w.value ->> '$.prefix',
          substr(n.name, 1, length(w.value ->> '$.text')) = w.value ->> '$.text', n.name = w.value ->> '$.text')
        and not exists (select 1 from ${pauses} p where p.queue_name = n.name)
      group by n.name`,
    limit,
  )

const pickAll: Pick = (v, limit) => sql`
  select * from (
    select queue_name, rank, job_id from ${ready} order by rank, job_id
    limit iif(exists (select 1 from ${pauses}), 0, ${limit}))
  union all
  select * from (${byName(
    v,
    sql`${names} select n.name, 0 as place from names n where n.name is not null
      and exists (select 1 from ${pauses}) and not exists (select 1 from ${pauses} p where p.queue_name = n.name)`,
    limit,
  )})`

const statementsOf = (pick: Pick) => ({
  take: query<Values>(
    (v, { now }: Build) => sql`
      insert into ${claimed} (job_id, process_id, claim, created_at)
      select p.job_id, ${v.processId}, cast(${v.claim} as integer), ${now} from (${pick(
        v,
        sql`iif(not exists (
            select 1 from ${claimed} where process_id = ${v.processId} and claim = ${v.claim})
          and iif(${v.first},
            not exists (select 1 from ${processes} where id = ${v.processId})
              and (select count(*) from ${processes} where worker = ${v.worker} and lease_expires_at > ${now})
                < ${v.maxInvocations},
            exists (select 1 from ${processes}
              where id = ${v.processId} and worker = ${v.worker} and lease_expires_at > ${now})),
          ${v.max}, 0)`,
      )}) p
      where exists (select 1 from ${jobs} j where j.id = p.job_id)
      on conflict (job_id) do nothing`,
  ),
  /** The same rows once more. One whose job was claimed before, or is gone, goes too, and is claimed by nobody. */
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
  patterns: statementsOf(pickPatterns),
}

const register = query<Values>(
  (v, { now, after }) => sql`
    insert into ${processes} (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    select ${v.processId}, ${v.worker}, ${v.name}, ${now}, ${now}, ${after(v.leaseMs)}
    where exists (select 1 from ${claimed} where process_id = ${v.processId} and claim = ${v.claim})
    on conflict (id) do nothing`,
)

const read = query<Values>(
  (v, { epochMs }) => sql`
    select j.id, j.queue_name, j.task_name, j.payload, j.payload_meta, j.priority, j.attempts, j.max_attempts,
      j.releases, ${epochMs(sql`j.enqueued_at`)} as enqueued_at, ${epochMs(sql`j.scheduled_at`)} as scheduled_at, j.concurrency_key, j.concurrency_limit
    from ${claimed} c cross join ${jobs} j on j.id = c.job_id
    where c.process_id = ${v.processId} and c.claim = ${v.claim}`,
)

export function claim(bind: Bind, { queues, first, ...input }: ClaimInput): Statement[] {
  const { take, leaveReady } = byKind[queues.kind]
  const values = { ...input, first: Number(first), queues: queueList(queues) }
  return [bind(take, values), bind(leaveReady, values), ...(first ? [bind(register, values)] : []), bind(read, values)]
}

function queueList(queues: QueueSelection): string {
  if (queues.kind === 'names') return JSON.stringify(queues.names)
  if (queues.kind === 'patterns') return JSON.stringify(queues.patterns)
  return '[]'
}

import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, toDate } from '../dialects/query.ts'
import { claimed, jobs, processes } from '../dialects/tables.ts'
import { tombstoneWorker } from './lease.ts'
import { looking, type Transition } from './transition.ts'

/** An invocation that holds jobs. */
export interface ListedInvocation {
  readonly id: string
  readonly worker: string
  readonly name: string
  readonly startedAt: Date
  readonly lastHeartbeatAt: Date
  readonly leaseExpiresAt: Date
  /** The lease has expired: the next tick prunes the invocation. */
  readonly lost: boolean
  readonly jobs: readonly {
    readonly id: string
    readonly task: string
    readonly startedAt: Date
    /** The job was cancelled; the invocation may not have heard of it yet. */
    readonly cancelRequested: boolean
  }[]
}

const overview = query<{ max: number }>(
  ({ max }, { now, epochMs }) => sql`
    with listed as (select * from ${processes} where worker <> ${sql.lit(tombstoneWorker)} order by started_at, id limit ${max})
    select l.id, l.worker, l.name, ${epochMs(sql`l.started_at`)} as started_at,
      ${epochMs(sql`l.last_heartbeat_at`)} as last_heartbeat_at, ${epochMs(sql`l.lease_expires_at`)} as lease_expires_at,
      case when l.lease_expires_at <= ${now} then 1 else 0 end as lost, c.job_id, j.task_name, ${epochMs(sql`c.created_at`)} as created_at,
      case when c.cancel_requested then 1 else 0 end as cancel_requested
    from listed l left join ${claimed} c on c.process_id = l.id left join ${jobs} j on j.id = c.job_id
    order by l.started_at, l.id`,
)

/** Lists the invocations that hold jobs now, the longest running first, at most `max`. */
export function listInvocations(dialect: Dialect, { max }: { max: number }): Transition<readonly ListedInvocation[]> {
  return looking(dialect.bind(overview, { max }), ({ rows }) => {
    const byId = new Map<string, ListedInvocation & { jobs: ListedInvocation['jobs'][number][] }>()
    for (const row of rows) {
      const id = String(row['id'])
      const invocation = byId.get(id) ?? {
        id,
        worker: String(row['worker']),
        name: String(row['name']),
        startedAt: toDate(row['started_at']) as Date,
        lastHeartbeatAt: toDate(row['last_heartbeat_at']) as Date,
        leaseExpiresAt: toDate(row['lease_expires_at']) as Date,
        lost: Number(row['lost']) === 1,
        jobs: [],
      }
      byId.set(id, invocation)
      if (row['job_id'] === null) continue
      invocation.jobs.push({
        id: String(row['job_id']),
        task: String(row['task_name']),
        startedAt: toDate(row['created_at']) as Date,
        cancelRequested: Number(row['cancel_requested']) === 1,
      })
    }
    for (const { jobs: held } of byId.values()) held.sort((a, b) => (a.id < b.id ? -1 : 1))
    return [...byId.values()]
  })
}

import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, toDate } from '../dialects/query.ts'
import { claimed, jobs, pauses, processes } from '../dialects/tables.ts'
import { looking, type Transition } from './transition.ts'

/** Facts, beside the job's own, that decide when it runs. */
export interface Facts {
  /** Milliseconds until the job is due; negative when it is. */
  readonly dueMs: number
  /** Null: its queue is not paused. */
  readonly pausedAt: Date | null
  /** The claim that holds the job; null: none. */
  readonly claim: {
    readonly cancelRequested: boolean
    /** Null: the invocation's row is gone. */
    readonly invocation: {
      readonly worker: string
      readonly name: string
      readonly leaseExpiresAt: Date
      readonly expired: boolean
    } | null
  } | null
}

const ask = query<{ list: readonly string[] }>(
  ({ list }, { now, ids, msUntil, epochMs }) => sql`
    select ${msUntil(sql`j.scheduled_at`)} as due_ms, ${epochMs(sql`s.created_at`)} as paused_at,
      c.job_id as claimed, case when c.cancel_requested then 1 else 0 end as cancel_requested,
      p.worker, p.name, ${epochMs(sql`p.lease_expires_at`)} as lease_expires_at, case when p.lease_expires_at <= ${now} then 1 else 0 end as expired
    from ${ids(list)} i cross join ${jobs} j
    left join ${claimed} c on c.job_id = j.id
    left join ${processes} p on p.id = c.process_id
    left join ${pauses} s on s.queue_name = j.queue_name
    where j.id = i.id`,
)

/** Null when there is no such job. */
export function facts(dialect: Dialect, { id }: { id: string }): Transition<Facts | null> {
  return looking(dialect.bind(ask, { list: [id] }), ({ rows: [row] }) => {
    if (!row) return null
    const { worker, name } = row
    return {
      dueMs: Number(row['due_ms']),
      pausedAt: toDate(row['paused_at']),
      claim:
        row['claimed'] === null
          ? null
          : {
              cancelRequested: Number(row['cancel_requested']) === 1,
              invocation:
                worker === null
                  ? null
                  : {
                      worker: String(worker),
                      name: String(name),
                      leaseExpiresAt: toDate(row['lease_expires_at']) as Date,
                      expired: Number(row['expired']) === 1,
                    },
            },
    }
  })
}

const count = query(
  (_, { now }) =>
    sql`select worker, count(*) as count from ${processes} where lease_expires_at > ${now} group by worker`,
)

/** Counts the invocations of each worker that hold jobs under a lease. */
export function countInvocations(dialect: Dialect): Transition<ReadonlyMap<string, number>> {
  return looking(
    dialect.bind(count, {}),
    ({ rows }) => new Map(rows.map((row) => [String(row['worker']), Number(row['count'])])),
  )
}

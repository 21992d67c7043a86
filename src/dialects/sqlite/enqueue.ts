import { sql } from 'kysely'
import type { Bind, NewJob } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { jobs, ready, scheduled } from '../tables.ts'

/** Decides what is due, once: `scheduled_at <= enqueued_at`, which the statements that follow read from the row. */
const insert = query<{ list: string }>(
  ({ list }, { now }) => sql`
    insert into ${jobs} (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost,
      enqueued_at, scheduled_at)
    select value ->> '$.id', value ->> '$.queue', value ->> '$.task', value ->> '$.payload', value ->> '$.meta',
      value ->> '$.priority', value ->> '$.max_attempts', value ->> '$.on_lost', ${now},
      coalesce(value ->> '$.run_at', ${now} + (value ->> '$.delay'))
    from json_each(${list})`,
)

const toReady = query<{ ids: string }>(
  ({ ids }) => sql`
    insert into ${ready} (job_id, queue_name, priority, created_at)
    select j.id, j.queue_name, j.priority, j.enqueued_at from json_each(${ids}) i cross join ${jobs} j on j.id = i.value
    where j.scheduled_at <= j.enqueued_at`,
)

const toScheduled = query<{ ids: string }>(
  ({ ids }) => sql`
    insert into ${scheduled} (job_id, queue_name, priority, scheduled_at)
    select j.id, j.queue_name, j.priority, j.scheduled_at from json_each(${ids}) i cross join ${jobs} j on j.id = i.value
    where j.scheduled_at > j.enqueued_at returning job_id`,
)

export function enqueue(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): Statement[] {
  const ids = JSON.stringify(list.map((job) => job.id))
  const statements = [
    bind(insert, {
      list: JSON.stringify(
        list.map((job) => ({
          id: job.id,
          queue: job.queueName,
          task: job.taskName,
          payload: job.payload,
          meta: job.payloadMeta,
          priority: job.priority,
          max_attempts: job.maxAttempts,
          on_lost: job.onLost,
          run_at: job.runAtMs,
          delay: job.delayMs,
        })),
      ),
    }),
    bind(toReady, { ids }),
  ]
  // Each statement of a batch counts against D1's limit of queries, so this one is sent only where it can matter.
  if (list.some((job) => job.runAtMs !== null || job.delayMs > 0)) statements.push(bind(toScheduled, { ids }))
  return statements
}

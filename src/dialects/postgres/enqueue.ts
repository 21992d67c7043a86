import { sql } from 'kysely'
import type { Bind, NewJob } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { jobs, ready, scheduled } from '../tables.ts'

/**
 * The state rows are selected from what was inserted, so that a duplicate id shows in `jobs` first.
 * The payload travels as text inside the list: a `json` value may hold what `jsonb` refuses, such as "\u0000".
 */
const insert = query<{ list: string }>(
  ({ list }, { now, after }) => sql`
    with new_job as (
      insert into ${jobs} (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost,
        enqueued_at, scheduled_at)
      select id, queue, task, payload::json, meta::json, priority, max_attempts, on_lost, ${now},
        case when run_at is not null then to_timestamp(run_at / 1000) else ${after(sql`delay`)} end
      from json_to_recordset(${list}::json) as x(id uuid, queue text, task text, payload text, meta text,
        priority smallint, max_attempts integer, on_lost text, run_at double precision, delay bigint)
      returning id, queue_name, priority, scheduled_at
    ), new_ready as (
      insert into ${ready} (job_id, queue_name, priority, created_at)
      select id, queue_name, priority, ${now} from new_job where scheduled_at <= ${now}
    )
    insert into ${scheduled} (job_id, queue_name, priority, scheduled_at)
    select id, queue_name, priority, scheduled_at from new_job where scheduled_at > ${now}
    returning job_id`,
)

export function enqueue(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): Statement[] {
  return [
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
  ]
}

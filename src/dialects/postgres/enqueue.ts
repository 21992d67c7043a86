import { type RawBuilder, sql } from 'kysely'
import type { Bind, NewJob } from '../moves.ts'
import { type Build, query, type Statement, thisBatch } from '../query.ts'
import { jobs, permits, ready, scheduled } from '../tables.ts'
import { recordedIds } from '../recorded.ts'
import { place } from './limits.ts'

/** The payload travels as text inside the list: a `json` value may hold what `jsonb` refuses, such as "\u0000". */
const input = (list: unknown, { after }: Build, where: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
  input as materialized (
    select x.*, case when run_at is not null then to_timestamp(run_at / 1000) else ${after(sql`delay`)} end as due_at
    from json_to_recordset(${list}::json) as x(id uuid, queue_name text, task text, payload text, meta text,
      priority smallint, max_attempts integer, on_lost text, concurrency_key text, concurrency_limit integer,
      concurrency_duration_ms bigint, on_conflict text, run_at double precision, delay bigint,
      recurring_key text, recurring_at double precision)
    ${where}
  )`

/** The state rows are selected from what was inserted, so that a duplicate id shows in `jobs` first. */
const newJob = ({ now }: Build, where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  new_job as (
    insert into ${jobs} (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost,
      concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select id, queue_name, task, payload::json, meta::json, priority, max_attempts, on_lost,
      concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, to_timestamp(recurring_at / 1000), ${now}, due_at
    from input ${where} returning id, queue_name, -priority as rank, concurrency_key, scheduled_at
  )`

/** What is limited is scheduled, whenever it is due. */
const enqueueOf = (list: unknown, build: Build, where?: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    with ${input(list, build, where)}, ${newJob(build, sql``)}, new_ready as (
      insert into ${ready} (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, ${build.now} from new_job
      where scheduled_at <= ${build.now} and concurrency_key is null
    )
    insert into ${scheduled} (job_id, queue_name, rank, concurrency_key, scheduled_at)
    select id, queue_name, rank, concurrency_key, scheduled_at from new_job
    where scheduled_at > ${build.now} or concurrency_key is not null
    returning job_id, 'scheduled' as state`

const insert = query<{ list: string }>(({ list }, build) => enqueueOf(list, build))

const insertRecorded = query<{ list: string; recorded: string }>(({ list, recorded }, build) =>
  enqueueOf(list, build, sql`where id in (${recordedIds(recorded, build)})`),
)

const insertPlaced = query<{ list: string; batch: typeof thisBatch }>(
  ({ list, batch }, build) => sql`
    with ${input(list, build)}, candidate as (
      select id, queue_name, -priority as rank, concurrency_key, concurrency_duration_ms, on_conflict
      from input where due_at <= ${build.now} and concurrency_key is not null
    ), ${place(batch, build.now)}, ${newJob(
      build,
      sql`where id <> all(array(select id from placed where state = 'skipped'))`,
    )}, new_ready as (
      insert into ${ready} (job_id, queue_name, rank, created_at)
      select id, queue_name, rank, ${build.now} from new_job j where scheduled_at <= ${build.now}
        and (concurrency_key is null or exists (select 1 from placed p where p.id = j.id and p.state = 'ready'))
    ), new_scheduled as (
      insert into ${scheduled} (job_id, queue_name, rank, concurrency_key, scheduled_at)
      select id, queue_name, rank, concurrency_key, scheduled_at from new_job where scheduled_at > ${build.now}
      returning job_id
    )
    select job_id, 'scheduled' as state, null as held_by from new_scheduled
    union all
    select id, state, case when state = 'skipped' then (
      select json_agg(job_id)::text from (
        select job_id from ${permits} h where h.concurrency_key = p.concurrency_key
        union all
        select id from placed o where o.concurrency_key = p.concurrency_key and o.state = 'ready' limit 10
      ) holders) end
    from placed p where state <> 'ready'`,
)

export function enqueue(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): Statement[] {
  return [bind(insert, { list: listOf(list) })]
}

export function enqueueRecorded(
  bind: Bind,
  { jobs: list, occurrences }: { jobs: readonly NewJob[]; occurrences: string },
): Statement[] {
  return [bind(insertRecorded, { list: listOf(list), recorded: occurrences })]
}

export function enqueueLimited(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): Statement[] {
  return [bind(insertPlaced, { list: listOf(list), batch: thisBatch })]
}

function listOf(list: readonly NewJob[]): string {
  return JSON.stringify(
    list.map(({ concurrency, ...job }) => ({
      id: job.id,
      queue_name: job.queueName,
      task: job.taskName,
      payload: job.payload,
      meta: job.payloadMeta,
      priority: job.priority,
      max_attempts: job.maxAttempts,
      on_lost: job.onLost,
      ...(concurrency
        ? {
            concurrency_key: concurrency.key,
            concurrency_limit: concurrency.limit,
            concurrency_duration_ms: concurrency.durationMs,
            on_conflict: concurrency.onConflict,
          }
        : {}),
      run_at: job.runAtMs,
      delay: job.delayMs,
      ...(job.recurring ? { recurring_key: job.recurring.key, recurring_at: job.recurring.atMs } : {}),
    })),
  )
}

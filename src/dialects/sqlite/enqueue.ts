import { type RawBuilder, sql } from 'kysely'
import type { Bind, NewJob } from '../moves.ts'
import { type Build, query, type Statement } from '../query.ts'
import { recordedIds } from '../recorded.ts'
import { blocked, jobs, permits, ready, scheduled } from '../tables.ts'
import { jsonRecord } from './json-record.ts'
import { hasPlace, jobsOf, place } from './place.ts'

interface Ids {
  ids: string
}

/** Decides what is due, once: `scheduled_at <= enqueued_at`, which the statements that follow read from the row. */
const insertOf = (list: unknown, { now }: Build, where: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
    insert into ${jobs} (id, queue_name, task_name, payload, payload_meta, priority, max_attempts, on_lost,
      concurrency_key, concurrency_limit, concurrency_duration_ms, on_conflict, recurring_key, recurring_at, enqueued_at, scheduled_at)
    select value ->> '$.id', value ->> '$.queue', value ->> '$.task', value -> '$.payload', value -> '$.meta',
      value ->> '$.priority', value ->> '$.max_attempts', value ->> '$.on_lost',
      value ->> '$.key', value ->> '$.limit', value ->> '$.duration', value ->> '$.on_conflict',
      value ->> '$.recurring_key', value ->> '$.recurring_at', ${now},
      coalesce(value ->> '$.run_at', ${now} + (value ->> '$.delay'))
    from json_each(${list}) ${where}`

const insert = query<{ list: string }>(({ list }, build) => insertOf(list, build))

const insertRecorded = query<{ list: string; recorded: string }>(({ list, recorded }, build) =>
  insertOf(list, build, sql`where value ->> '$.id' in (${recordedIds(recorded, build)})`),
)

const unlimitedToReady = (ids: unknown, where: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
  insert into ${ready} (job_id, queue_name, rank, created_at)
  select j.id, j.queue_name, -j.priority, j.enqueued_at from ${jobsOf(ids)}
  where j.scheduled_at <= j.enqueued_at and j.concurrency_key is null ${where}`

const othersToScheduled = (ids: unknown, where: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
  insert into ${scheduled} (job_id, queue_name, rank, scheduled_at)
  select j.id, j.queue_name, -j.priority, j.scheduled_at from ${jobsOf(ids)}
  where (j.scheduled_at > j.enqueued_at or j.concurrency_key is not null) ${where}
  returning job_id, 'scheduled' as state`

const unlimitedReady = query<Ids>(({ ids }) => unlimitedToReady(ids))
const othersScheduled = query<Ids>(({ ids }) => othersToScheduled(ids))

const isRecorded = (recorded: unknown, build: Build) => sql`and j.id in (${recordedIds(recorded, build)})`
const recordedReady = query<Ids & { recorded: string }>(({ ids, recorded }, build) =>
  unlimitedToReady(ids, isRecorded(recorded, build)),
)
const recordedScheduled = query<Ids & { recorded: string }>(({ ids, recorded }, build) =>
  othersToScheduled(ids, isRecorded(recorded, build)),
)

export function enqueue(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): Statement[] {
  const ids = idsOf(list)
  return [
    bind(insert, { list: listOf(list) }),
    bind(unlimitedReady, { ids }),
    // Each statement of a batch counts against D1's limit of queries, so this one is sent only where it can matter.
    ...(list.some((job) => job.concurrency || isForLater(job)) ? [bind(othersScheduled, { ids })] : []),
  ]
}

export function enqueueRecorded(
  bind: Bind,
  { jobs: list, occurrences }: { jobs: readonly NewJob[]; occurrences: string },
): Statement[] {
  const ids = idsOf(list)
  return [
    bind(insertRecorded, { list: listOf(list), recorded: occurrences }),
    bind(recordedReady, { ids, recorded: occurrences }),
    bind(recordedScheduled, { ids, recorded: occurrences }),
  ]
}

const due = ({ ids }: Ids) => sql`${jobsOf(ids)} and j.scheduled_at <= j.enqueued_at`

const { limit, admit, toReady, toBlocked } = place(due, { at: sql`j.enqueued_at`, skips: true })

const toScheduled = query<Ids>(
  ({ ids }) => sql`
    insert into ${scheduled} (job_id, queue_name, rank, scheduled_at)
    select j.id, j.queue_name, -j.priority, j.scheduled_at from ${jobsOf(ids)} where j.scheduled_at > j.enqueued_at`,
)

const skip = query<Ids>(
  (v) => sql`
    delete from ${jobs} where id in (
      select j.id from ${due(v)} where not ${hasPlace} and j.on_conflict = 'skip')`,
)

/** A job that is not there was skipped. */
const answer = query<{ list: string }>(
  ({ list }) => sql`
    select i.value ->> '$.id' as job_id,
      case when j.id is null then 'skipped' when b.job_id is null then 'scheduled' else 'blocked' end as state,
      iif(j.id is null, (select json_group_array(job_id) from (
        select h.job_id from ${permits} h where h.concurrency_key = i.value ->> '$.key' limit 10)), null) as held_by
    from json_each(${list}) i left join ${jobs} j on j.id = i.value ->> '$.id'
    left join ${blocked} b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id
    where j.id is null or b.job_id is not null or j.scheduled_at > j.enqueued_at`,
)

export function enqueueLimited(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): Statement[] {
  const ids = { ids: idsOf(list) }
  const later = list.some(isForLater)
  const skips = list.some(({ concurrency }) => concurrency?.onConflict === 'skip')
  return [
    bind(insert, { list: listOf(list) }),
    ...[limit, admit, toReady, ...(later ? [toScheduled] : []), ...(skips ? [skip] : []), toBlocked].map((step) =>
      bind(step, ids),
    ),
    // Where the others are ready, what the statement before it answers is enough.
    ...(later || skips
      ? [bind(answer, { list: JSON.stringify(list.map(({ id, concurrency }) => ({ id, key: concurrency?.key }))) })]
      : []),
  ]
}

const isForLater = (job: NewJob): boolean => job.runAtMs !== null || job.delayMs > 0

const idsOf = (list: readonly NewJob[]): string => JSON.stringify(list.map((job) => job.id))

function listOf(list: readonly NewJob[]): string {
  const records = list.map(({ concurrency, ...job }) => {
    const plain = {
      id: job.id,
      queue: job.queueName,
      task: job.taskName,
      priority: job.priority,
      max_attempts: job.maxAttempts,
      on_lost: job.onLost,
      ...(concurrency
        ? {
            key: concurrency.key,
            limit: concurrency.limit,
            duration: concurrency.durationMs,
            on_conflict: concurrency.onConflict,
          }
        : {}),
      run_at: job.runAtMs,
      delay: job.delayMs,
      ...(job.recurring ? { recurring_key: job.recurring.key, recurring_at: job.recurring.atMs } : {}),
    }
    return jsonRecord(plain, { payload: job.payload, meta: job.payloadMeta })
  })
  return `[${records.join()}]`
}

import { type RawBuilder, sql } from 'kysely'
import { newJobColumns, newJobNames, newJobRecord } from '../job-columns.ts'
import { type Bind, type Move, move, type NewJob, type Placed, stepsOf } from '../moves.ts'
import { type Build, query } from '../query.ts'
import { readPlaced } from '../readings.ts'
import { type Occurrence, recordedIds } from '../recorded.ts'
import { blocked, jobs, permits, ready, scheduled } from '../tables.ts'
import { jsonRecord } from './json-record.ts'
import { hasPlace, jobsOf, place } from './place.ts'

interface Ids {
  ids: readonly string[]
}

/** JSON stands unescaped in the record. */
const read = sql.raw(
  Object.entries(newJobColumns)
    .map(([name, column]) => `value ${column === 'json' ? '->' : '->>'} '$.${name}'`)
    .join(', '),
)

/**
 * Decides once whether a job is due: `scheduled_at <= enqueued_at`. The statements that follow read it from the row.
 */
const insertOf = (list: unknown, { now }: Build, where: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
    insert into ${jobs} (${newJobNames}, enqueued_at, scheduled_at)
    select ${read}, ${now}, coalesce(value ->> '$.run_at', ${now} + (value ->> '$.delay'))
    from json_each(${list}) ${where}`

const insert = query<{ list: string }>(({ list }, build) => insertOf(list, build))

const insertRecorded = query<{ list: string; recorded: readonly Occurrence[] }>(({ list, recorded }, build) =>
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
const recordedReady = query<Ids & { recorded: readonly Occurrence[] }>(({ ids, recorded }, build) =>
  unlimitedToReady(ids, isRecorded(recorded, build)),
)
const recordedScheduled = query<Ids & { recorded: readonly Occurrence[] }>(({ ids, recorded }, build) =>
  othersToScheduled(ids, isRecorded(recorded, build)),
)

type NotReady = Move<ReadonlyMap<string, Placed>>

export function enqueue(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): NotReady {
  const ids = idsOf(list)
  // Each statement of a batch counts against D1's limit of queries, so the last one is sent only if it can matter.
  const others = list.some((job) => job.concurrency || isForLater(job))
  const steps = {
    insert: bind(insert, { list: listOf(list) }),
    ready: bind(unlimitedReady, { ids }),
    scheduled: others ? bind(othersScheduled, { ids }) : null,
  }
  return move(steps, (results) => readPlaced(results.scheduled))
}

export function enqueueRecorded(
  bind: Bind,
  { jobs: list, occurrences }: { jobs: readonly NewJob[]; occurrences: readonly Occurrence[] },
): NotReady {
  const ids = idsOf(list)
  const steps = {
    insert: bind(insertRecorded, { list: listOf(list), recorded: occurrences }),
    ready: bind(recordedReady, { ids, recorded: occurrences }),
    scheduled: bind(recordedScheduled, { ids, recorded: occurrences }),
  }
  return move(steps, (results) => readPlaced(results.scheduled))
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

/** A job without a row was skipped. */
const answer = query<{ list: readonly object[] }>(
  ({ list }) => sql`
    select i.value ->> '$.id' as job_id,
      case when j.id is null then 'skipped' when b.job_id is null then 'scheduled' else 'blocked' end as state,
      iif(j.id is null, (select json_group_array(job_id) from (
        select h.job_id from ${permits} h where h.concurrency_key = i.value ->> '$.key' limit 10)), null) as held_by
    from json_each(${list}) i left join ${jobs} j on j.id = i.value ->> '$.id'
    left join ${blocked} b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id
    where j.id is null or b.job_id is not null or j.scheduled_at > j.enqueued_at`,
)

export function enqueueLimited(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): NotReady {
  const ids = { ids: idsOf(list) }
  const later = list.some(isForLater)
  const skips = list.some(({ concurrency }) => concurrency?.onConflict === 'skip')
  const keys = list.map(({ id, concurrency }) => ({ id, key: concurrency?.key }))
  const steps = {
    insert: bind(insert, { list: listOf(list) }),
    ...stepsOf(bind, { limit, admit, toReady }, ids),
    toScheduled: later ? bind(toScheduled, ids) : null,
    skip: skips ? bind(skip, ids) : null,
    blocked: bind(toBlocked, ids),
    answer: later || skips ? bind(answer, { list: keys }) : null,
  }
  // If no job is for later or may be skipped, only the blocked jobs are not ready.
  return move(steps, (results) => readPlaced(later || skips ? results.answer : results.blocked))
}

const isForLater = (job: NewJob): boolean => job.runAtMs !== null || job.delayMs > 0

const idsOf = (list: readonly NewJob[]): string[] => list.map((job) => job.id)

/** JSON text. */
const listOf = (list: readonly NewJob[]): string =>
  `[${list.map((job) => jsonRecord(newJobRecord(job), { payload: job.payload, payload_meta: job.payloadMeta })).join()}]`

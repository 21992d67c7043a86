import { type RawBuilder, sql } from 'kysely'
import { dueColumns, newJobColumns, newJobNames, newJobRecord } from '../job-columns.ts'
import { type Bind, type Move, move, type NewJob, type Placed } from '../moves.ts'
import { type Build, query, type Statement, thisBatch } from '../query.ts'
import { readPlaced } from '../readings.ts'
import { jobs, permits, ready, scheduled } from '../tables.ts'
import { type Occurrence, recordedIds } from '../recorded.ts'
import { place } from './limits.ts'

const input = (list: unknown, { rows, after }: Build, where: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
  input as materialized (
    select x.*, coalesce(run_at, ${after(sql`delay`)}) as due_at
    from ${rows(list, { ...newJobColumns, ...dueColumns })} x ${where}
  )`

/** State rows are selected from the inserted jobs, so that a duplicate id fails in `jobs` first. */
const newJob = ({ now }: Build, where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  new_job as (
    insert into ${jobs} (${newJobNames}, enqueued_at, scheduled_at)
    select ${newJobNames}, ${now}, due_at
    from input ${where} returning id, queue_name, -priority as rank, concurrency_key, scheduled_at
  )`

/** Limited jobs are scheduled, whenever they are due. */
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

const insert = query<{ list: readonly object[] }>(({ list }, build) => enqueueOf(list, build))

const insertRecorded = query<{ list: readonly object[]; recorded: readonly Occurrence[] }>(
  ({ list, recorded }, build) => enqueueOf(list, build, sql`where id in (${recordedIds(recorded, build)})`),
)

const insertPlaced = query<{ list: readonly object[]; batch: typeof thisBatch }>(
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

type NotReady = Move<ReadonlyMap<string, Placed>>

export function enqueue(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): NotReady {
  return answering(bind(insert, { list: listOf(list) }))
}

export function enqueueRecorded(
  bind: Bind,
  { jobs: list, occurrences }: { jobs: readonly NewJob[]; occurrences: readonly Occurrence[] },
): NotReady {
  return answering(bind(insertRecorded, { list: listOf(list), recorded: occurrences }))
}

export function enqueueLimited(bind: Bind, { jobs: list }: { jobs: readonly NewJob[] }): NotReady {
  return answering(bind(insertPlaced, { list: listOf(list), batch: thisBatch }))
}

const answering = (insertion: Statement): NotReady => move({ insertion }, (results) => readPlaced(results.insertion))

const listOf = (list: readonly NewJob[]): object[] =>
  list.map((job) => Object.assign(newJobRecord(job), { payload: job.payload, payload_meta: job.payloadMeta }))

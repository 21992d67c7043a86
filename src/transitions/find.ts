import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, type Row, toDate } from '../dialects/query.ts'
import { blocked, claimed, failed, jobs, ready, scheduled } from '../dialects/tables.ts'
import type { Job } from '../job/job.ts'
import { readErrors, readJson } from '../job/stored-json.ts'
import type { Transition } from './transition.ts'

/** A job as it is stored: its result is still text. */
export interface StoredJob extends Omit<Job, 'result'> {
  /** JSON text; null until it succeeded with a value. */
  readonly result: string | null
  /** JSON text; null for plain JSON. */
  readonly resultMeta: string | null
}

/** A ready or scheduled row has the queue, rank and instant of its job: by them it is found in SQLite's clustered tables. */
const byIds = query<{ list: string }>(
  ({ list }, { ids, json, epochMs }) => sql`
    select j.id, j.task_name, j.queue_name, j.priority, ${json(sql`j.payload`)} as payload, j.attempts, j.max_attempts,
      j.releases, ${epochMs(sql`j.enqueued_at`)} as enqueued_at, ${epochMs(sql`j.scheduled_at`)} as scheduled_at,
      ${epochMs(sql`coalesce(c.created_at, j.started_at)`)} as started_at, ${epochMs(sql`j.finished_at`)} as finished_at,
      j.outcome, ${json(sql`j.result`)} as result, ${json(sql`j.result_meta`)} as result_meta,
      ${json(sql`j.progress`)} as progress, ${json(sql`j.errors`)} as errors, c.process_id, j.concurrency_key,
      j.recurring_key, ${epochMs(sql`j.recurring_at`)} as recurring_at,
      case when j.finished_at is not null then 'finished' when c.job_id is not null then 'claimed'
        when f.job_id is not null then 'failed' when r.job_id is not null then 'ready'
        when s.job_id is not null then 'scheduled' when b.job_id is not null then 'blocked' end as state
    from ${ids(list)} i cross join ${jobs} j
    left join ${claimed} c on c.job_id = j.id
    left join ${failed} f on f.job_id = j.id
    left join ${ready} r on r.queue_name = j.queue_name and r.rank = -j.priority and r.job_id = j.id
    left join ${scheduled} s on s.scheduled_at = j.scheduled_at and s.rank = -j.priority and s.job_id = j.id
    left join ${blocked} b on b.concurrency_key = j.concurrency_key and b.rank = -j.priority and b.job_id = j.id
    where j.id = i.id`,
)

/** Reads: the jobs of these ids that are stored, in no order. */
export function find(dialect: Dialect, { ids }: { ids: readonly string[] }): Transition<readonly StoredJob[]> {
  return {
    locks: [],
    statements: [dialect.bind(byIds, { list: JSON.stringify(ids) })],
    idempotent: true,
    read: ({ rows }) => rows.map(readJob),
  }
}

function readJob(row: Row): StoredJob {
  const text = (column: string) => row[column] as string | null
  const state = text('state')
  if (state === null)
    throw new Error(
      `Job ${text('id')} has no state: no table has a row for it. Something other than Steadytick changed them.`,
    )
  const recurringKey = text('recurring_key')
  return {
    id: String(row['id']),
    taskName: String(row['task_name']),
    queueName: String(row['queue_name']),
    priority: Number(row['priority']),
    state: state as Job['state'],
    outcome: text('outcome') as Job['outcome'],
    payload: readJson(text('payload')),
    result: text('result'),
    resultMeta: text('result_meta'),
    progress: readJson(text('progress')),
    attempts: Number(row['attempts']),
    maxAttempts: Number(row['max_attempts']),
    releases: Number(row['releases']),
    errors: readErrors(text('errors')),
    enqueuedAt: toDate(row['enqueued_at']) as Date,
    scheduledAt: toDate(row['scheduled_at']) as Date,
    startedAt: toDate(row['started_at']),
    finishedAt: toDate(row['finished_at']),
    concurrencyKey: text('concurrency_key'),
    recurring: recurringKey === null ? null : { key: recurringKey, runAt: toDate(row['recurring_at']) as Date },
    processId: text('process_id'),
  }
}

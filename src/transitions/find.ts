import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, type Row, toDate } from '../dialects/query.ts'
import { InconsistentJobError } from '../errors.ts'
import type { Job, JobState } from '../job/job.ts'
import { readErrors, readStoredJson } from '../job/stored-json.ts'
import { stateColumn, stateJoins } from './state-column.ts'
import { looking, type Transition } from './transition.ts'

/** A job as it is stored: its result is still text. */
export interface StoredJob extends Omit<Job, 'result'> {
  /** JSON text; null until it succeeded with a value. */
  readonly result: string | null
  /** JSON text; null for plain JSON. */
  readonly resultMeta: string | null
}

const byIds = query<{ list: readonly string[] }>(
  ({ list }, { ids, json, epochMs }) => sql`
    select j.id, j.task_name, j.queue_name, j.priority, ${json(sql`j.payload`)} as payload, j.attempts, j.max_attempts,
      j.releases, j.losses, ${epochMs(sql`j.enqueued_at`)} as enqueued_at, ${epochMs(sql`j.scheduled_at`)} as scheduled_at,
      ${epochMs(sql`coalesce(c.created_at, j.started_at)`)} as started_at, ${epochMs(sql`j.finished_at`)} as finished_at,
      ${epochMs(sql`j.retried_at`)} as retried_at, j.outcome, ${json(sql`j.result`)} as result, ${json(sql`j.result_meta`)} as result_meta,
      ${json(sql`j.progress`)} as progress, ${json(sql`j.errors`)} as errors, c.process_id, j.concurrency_key,
      j.recurring_key, ${epochMs(sql`j.recurring_at`)} as recurring_at,
      ${stateColumn} as state ${stateJoins(ids(list))}
    where j.id = i.id`,
)

/**
 * Reads: the stored jobs of these ids, in no order.
 *
 * @param listedAs the state whose table has all these jobs; null: a job's state is found by its queue, priority and
 *   times
 * @throws InconsistentJobError when queue, priority and times do not lead to a state, and `listedAs` is null
 */
export function find(
  dialect: Dialect,
  { ids, listedAs = null }: { ids: readonly string[]; listedAs?: JobState | null },
): Transition<readonly StoredJob[]> {
  return looking(dialect.bind(byIds, { list: ids }), ({ rows }) => rows.map((row) => readJob(row, listedAs)))
}

function readJob(row: Row, listedAs: JobState | null): StoredJob {
  const text = (column: string) => row[column] as string | null
  const state = text('state') ?? listedAs
  if (state === null) throw new InconsistentJobError(String(row['id']))
  const recurringKey = text('recurring_key')
  return {
    id: String(row['id']),
    task: String(row['task_name']),
    queue: String(row['queue_name']),
    priority: Number(row['priority']),
    state: state as Job['state'],
    outcome: text('outcome') as Job['outcome'],
    payload: readStoredJson(text('payload')),
    result: text('result'),
    resultMeta: text('result_meta'),
    progress: readStoredJson(text('progress')),
    attempts: Number(row['attempts']),
    maxAttempts: Number(row['max_attempts']),
    releases: Number(row['releases']),
    losses: Number(row['losses']),
    errors: readErrors(text('errors')),
    enqueuedAt: toDate(row['enqueued_at']) as Date,
    scheduledAt: toDate(row['scheduled_at']) as Date,
    startedAt: toDate(row['started_at']),
    finishedAt: toDate(row['finished_at']),
    retriedAt: toDate(row['retried_at']),
    concurrencyKey: text('concurrency_key'),
    recurring: recurringKey === null ? null : { key: recurringKey, runAt: toDate(row['recurring_at']) as Date },
    invocationId: text('process_id'),
  }
}

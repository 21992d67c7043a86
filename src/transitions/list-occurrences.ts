import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, toDate } from '../dialects/query.ts'
import { occurrences } from '../dialects/tables.ts'
import { looking, type Transition } from './transition.ts'

/** An occurrence of a recurring task. */
export interface Occurrence {
  /** When it was to run. */
  readonly runAt: Date
  readonly enqueuedAt: Date
  readonly jobId: string
}

const ofKey = query<{ key: string; max: number }>(
  ({ key, max }, { epochMs }) => sql`
    select ${epochMs(sql`run_at`)} as run_at, ${epochMs(sql`created_at`)} as created_at, job_id from ${occurrences} o where task_key = ${key} order by o.run_at desc limit ${max}`,
)

/**
 * Lists the occurrences of a recurring task that were enqueued and are still recorded, the last first, at most `max`.
 */
export function listOccurrences(
  dialect: Dialect,
  input: { key: string; max: number },
): Transition<readonly Occurrence[]> {
  return looking(dialect.bind(ofKey, input), ({ rows }) =>
    rows.map((row) => ({
      runAt: toDate(row['run_at']) as Date,
      enqueuedAt: toDate(row['created_at']) as Date,
      jobId: String(row['job_id']),
    })),
  )
}

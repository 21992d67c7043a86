import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, toDate } from '../dialects/query.ts'
import { failed } from '../dialects/tables.ts'
import type { JobError } from '../job/job.ts'
import { readError, readStoredJson } from '../job/stored-json.ts'
import { type Count, readCount, upTo } from './count-jobs.ts'
import { looking, type Transition } from './transition.ts'

/** Failed jobs of one task with the same error, whatever ids and numbers its message has. */
export interface FailureKind {
  /** Selects these jobs, in `list`, `retryAll` and `discardAll`. */
  readonly fingerprint: string
  readonly task: string
  readonly count: Count
  /** When the last of the counted jobs failed. */
  readonly lastAt: Date
  /** The job that was enqueued last, and its error. */
  readonly latest: { readonly id: string; readonly error: Pick<JobError, 'name' | 'message'> }
}

/** Kinds that are looked at, to find the most frequent ones. */
const walkMax = 10_000

/** Fingerprints come from a loose index scan, so the cost follows the number of kinds and the jobs counted of each. */
const overview = query<{ max: number; kinds: number }>(({ max, kinds }, { exactly, json, epochMs }) => {
  const alike = sql`${failed} f where ${exactly(sql`f.fingerprint`, sql`l.fingerprint`)} order by f.fingerprint desc, f.job_id desc`
  return sql`
    with recursive prints(fingerprint) as (
      select min(fingerprint) from ${failed}
      union all
      select (select min(fingerprint) from ${failed} where fingerprint > p.fingerprint)
      from prints p where p.fingerprint is not null
    ), listed(fingerprint) as (
      select fingerprint from prints where fingerprint is not null limit ${sql.lit(walkMax)}
    ), latest as (
      select l.fingerprint, (select f.job_id from ${alike} limit 1) as job_id, ${upTo(max, alike)} as count,
        (select max(created_at) from (select f.created_at from ${alike} limit ${max}) counted) as last_at
      from listed l
    )
    select l.fingerprint, l.job_id, l.count, ${epochMs(sql`l.last_at`)} as last_at, (select ${json(sql`f.error`)} from ${failed} f where f.job_id = l.job_id) as error
    from latest l order by l.count desc, l.last_at desc limit ${kinds}`
})

/** Lists the kinds of failures, the most frequent first, at most `kinds`; counts up to `max` jobs of each. */
export function listFailures(
  dialect: Dialect,
  { max, kinds }: { max: number; kinds: number },
): Transition<readonly FailureKind[]> {
  return looking(dialect.bind(overview, { max: max + 1, kinds }), ({ rows }) =>
    rows
      .map((row): FailureKind => {
        const fingerprint = String(row['fingerprint'])
        const { name, message } = readError(readStoredJson(row['error'] as string | null))
        return {
          fingerprint,
          task: fingerprint.slice(0, fingerprint.lastIndexOf('/')),
          count: readCount(row['count'], max),
          lastAt: toDate(row['last_at']) as Date,
          latest: { id: String(row['job_id']), error: { name, message } },
        }
      })
      .sort((a, b) => b.count.count - a.count.count || b.lastAt.getTime() - a.lastAt.getTime()),
  )
}

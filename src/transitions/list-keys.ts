import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { type Build, query, type Result, toDate } from '../dialects/query.ts'
import { blocked, claimed, jobs, permits, semaphores } from '../dialects/tables.ts'
import { type Count, readCount, upTo } from './count-jobs.ts'
import { looking, type Transition } from './transition.ts'

/** A concurrency key that jobs hold or wait for. */
export interface ListedKey {
  /** Group or task, `/`, and key. */
  readonly key: string
  /** The limit of the newest job that asked for the key. */
  readonly limit: number
  /** Jobs that hold it: ready or claimed. */
  readonly held: Count
  /** Jobs that are blocked by it. */
  readonly waiting: Count
}

/** The next key that jobs hold or wait for. */
const keyBehind = (key: unknown): RawBuilder<unknown> => sql`(select min(key) from (
  select (select min(concurrency_key) from ${permits} where concurrency_key > ${key}) as key
  union all select (select min(concurrency_key) from ${blocked} where concurrency_key > ${key})) held_or_waited_for)`

/**
 * Loose index scans of permits and blocked jobs, not of keys: a key that no job holds stays for a while, and such keys
 * may be many.
 */
const overview = query<{ after: string; max: number; counted: number }>(
  ({ after, max, counted }, { exactly }) => sql`
    with recursive used(key, place) as (
      select ${keyBehind(after)}, 1
      union all
      select ${keyBehind(sql`u.key`)}, u.place + 1 from used u where u.key is not null and u.place < ${max}
    )
    select u.key, (select s.concurrency_limit from ${semaphores} s where s.key = u.key) as concurrency_limit,
      ${upTo(counted, sql`${permits} p where ${exactly(sql`p.concurrency_key`, sql`u.key`)}`)} as held,
      ${upTo(counted, sql`${blocked} b where ${exactly(sql`b.concurrency_key`, sql`u.key`)}`)} as waiting
    from used u where u.key is not null order by u.key`,
)

/** Lists the keys that jobs hold or wait for, by their bytes, at most `max`; counts up to `counted` jobs of each. */
export function listKeys(
  dialect: Dialect,
  { after, max, counted }: { after: string; max: number; counted: number },
): Transition<readonly ListedKey[]> {
  return looking(dialect.bind(overview, { after, max, counted: counted + 1 }), ({ rows }) =>
    rows.map((row) => ({
      key: String(row['key']),
      limit: Number(row['concurrency_limit']),
      held: readCount(row['held'], counted),
      waiting: readCount(row['waiting'], counted),
    })),
  )
}

/** A job that holds a key. */
export interface Holder {
  readonly id: string
  readonly task: string
  readonly state: 'ready' | 'claimed'
  /** When the job was claimed, or, while it is ready, when it was due. */
  readonly since: Date
}

/** The jobs `j` of permits `p`. */
const holders = (permitsOf: RawBuilder<unknown>, { epochMs }: Build) => sql`
  select j.id, j.task_name, ${epochMs(sql`coalesce(c.created_at, j.scheduled_at)`)} as since,
    case when c.job_id is null then 'ready' else 'claimed' end as state
  from ${permitsOf} cross join ${jobs} j left join ${claimed} c on c.job_id = j.id
  where j.id = p.job_id`

const ofKey = query<{ key: string; max: number }>(
  ({ key, max }, build) => sql`${holders(sql`${permits} p`, build)} and p.concurrency_key = ${key} limit ${max}`,
)

const ofJob = query<{ list: readonly string[]; max: number }>(
  ({ list, max }, build) => sql`
    ${holders(sql`${build.ids(list)} i cross join ${jobs} w cross join ${permits} p`, build)}
      and w.id = i.id and p.concurrency_key = w.concurrency_key limit ${max}`,
)

const readHolders = ({ rows }: Result): readonly Holder[] =>
  rows
    .map((row) => ({
      id: String(row['id']),
      task: String(row['task_name']),
      state: row['state'] as Holder['state'],
      since: toDate(row['since']) as Date,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/** Lists the jobs that hold a key, at most `max`. */
export function listHolders(dialect: Dialect, input: { key: string; max: number }): Transition<readonly Holder[]> {
  return looking(dialect.bind(ofKey, input), readHolders)
}

/** Lists the jobs that hold the key of a job, at most `max`. */
export function holdersOfJob(
  dialect: Dialect,
  { id, max }: { id: string; max: number },
): Transition<readonly Holder[]> {
  return looking(dialect.bind(ofJob, { list: [id], max }), readHolders)
}

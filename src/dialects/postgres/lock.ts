import { type RawBuilder, sql } from 'kysely'
import type { Bind, Key, Lock } from '../moves.ts'
import { type Build, type Query, query, type Statement, thisBatch } from '../query.ts'
import { claimed, jobs, processes, scheduled, semaphores } from '../tables.ts'

interface AskedKey {
  readonly key: string
  readonly concurrency_limit: number | null
  readonly job_id: string | null
}

interface Values {
  batch: typeof thisBatch
  keys: readonly AskedKey[]
  dueMax: number
  lostMax: number
  ids: readonly string[]
  invocationId: string
  ownKeys: readonly AskedKey[]
}

const listed = (list: unknown) => sql`
  select key collate "C" as key, concurrency_limit, job_id
  from json_to_recordset(${list}::json) as x(key text, concurrency_limit integer, job_id uuid)`

/**
 * Queries of keys, with the limits that their jobs ask for. They lock no row: a batch that waits for keys holds no row
 * but its own process's.
 */
const sources: Record<Lock['of'], (v: Values, build: Build) => RawBuilder<unknown>> = {
  keys: (v) => listed(v.keys),
  due: (v, { now }) => sql`
    select s.concurrency_key, j.concurrency_limit, j.id from (
      select job_id, concurrency_key from ${scheduled} where scheduled_at <= ${now}
      order by scheduled_at, rank, job_id limit ${v.dueMax}::integer
    ) s join ${jobs} j on j.id = s.job_id where s.concurrency_key is not null`,
  lost: (v, { now }) => sql`
    select j.concurrency_key, j.concurrency_limit, j.id from ${claimed} c join ${jobs} j on j.id = c.job_id
    where j.concurrency_key is not null and (
      c.process_id = any(array(
        select id from ${processes} where lease_expires_at <= ${now} order by lease_expires_at limit ${v.lostMax}::integer))
      or not exists (select 1 from ${processes} p where p.id = c.process_id))`,
  jobs: (v) => sql`
    select concurrency_key, concurrency_limit, id from ${jobs}
    where id = any(array(select id::uuid from json_array_elements_text(${v.ids}::json) as x(id)))
      and concurrency_key is not null`,
  own: (v) => sql`select k.* from process cross join (${listed(v.ownKeys)}) k`,
}

const inOrder = ['keys', 'due', 'lost', 'jobs', 'own'] as const satisfies readonly Lock['of'][]

/**
 * Always writes its mark: a lock that writes nothing breaks silently on a stale snapshot. It is a separate statement,
 * because counts under the lock need a snapshot that is younger than the lock. It takes all keys, in the order of their
 * bytes, so that two batches never wait for each other. Only the invocation's own row is locked before the keys, which
 * keeps out pruners and a second try of the same batch.
 */
const mark = (of: readonly Lock['of'][]): Query<Values> =>
  query<Values>(
    (v, build) => sql`
      with ${
        of.includes('own')
          ? sql`process as materialized (select id from ${processes} where id = ${v.invocationId}::uuid for update),`
          : sql``
      } asked(key, concurrency_limit, job_id) as materialized (
        ${sql.join(
          of.map((each) => sources[each](v, build)),
          sql` union all `,
        )}
      )
      insert into ${semaphores} as s (key, batch, concurrency_limit, job_id)
      select distinct on (key) key, ${v.batch}::uuid, concurrency_limit, job_id from asked
      order by key, job_id desc nulls last
      on conflict (key) do update set batch = excluded.batch, job_id = greatest(s.job_id, excluded.job_id),
        concurrency_limit = case when excluded.job_id > s.job_id or s.job_id is null
          then coalesce(excluded.concurrency_limit, s.concurrency_limit) else s.concurrency_limit end`,
  )

/** One query for each combination of sources: there are few, and each is compiled once. */
const marks = new Map<string, Query<Values>>()

export function lock(bind: Bind, locks: readonly Lock[]): Statement[] {
  const of = inOrder.filter((each) => locks.some((asked) => asked.of === each))
  if (of.length === 0) return []
  const name = of.join()
  const statement = marks.get(name) ?? mark(of)
  marks.set(name, statement)
  const values: Values = {
    batch: thisBatch,
    keys: [],
    dueMax: 0,
    lostMax: 0,
    ids: [],
    invocationId: '',
    ownKeys: [],
  }
  const keys: Key[] = []
  for (const each of locks)
    if (each.of === 'keys') keys.push(...each.keys)
    else if (each.of === 'due') values.dueMax = each.max
    else if (each.of === 'lost') values.lostMax = each.max
    else if (each.of === 'jobs') values.ids = each.ids
    else {
      values.invocationId = each.invocationId
      values.ownKeys = listOf(each.keys)
    }
  values.keys = listOf(keys)
  return [bind(statement, values)]
}

/** Each key once, with the limit of its newest job: a thousand jobs of one key send one record. */
function listOf(keys: readonly Key[]): AskedKey[] {
  const newest = new Map<string, Key>()
  for (const key of keys) {
    const before = newest.get(key.key)
    if (!before || (key.jobId ?? '') > (before.jobId ?? '')) newest.set(key.key, key)
  }
  return [...newest.values()].map(({ key, limit, jobId }) => ({ key, concurrency_limit: limit, job_id: jobId }))
}

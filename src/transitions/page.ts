import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { type Query, query, type Row } from '../dialects/query.ts'
import { blocked, claimed, failed, jobs, ready, scheduled } from '../dialects/tables.ts'
import { isJobId } from '../job/job-id.ts'
import type { JobState } from '../job/job.ts'
import { isStorable } from '../job/storable.ts'
import { looking, type Transition } from './transition.ts'

interface Key {
  readonly column: string
  readonly kind: 'text' | 'uuid' | 'integer' | 'instant'
  readonly descending: boolean
}

/** A table of jobs, and the order of one of its indexes: by when jobs run, come due, or were enqueued. */
interface Order {
  readonly table: RawBuilder<unknown>
  /** The last key is the job's id. */
  readonly keys: readonly [Key, ...Key[]]
  /** The meaning of the first key, where a page reads only the jobs with one value of it. */
  readonly of?: 'queue' | 'fingerprint' | undefined
  /** The condition of a partial index. */
  readonly where?: RawBuilder<unknown>
}

const kinds: Readonly<Record<string, Key['kind']>> = {
  job_id: 'uuid',
  id: 'uuid',
  rank: 'integer',
  scheduled_at: 'instant',
  finished_at: 'instant',
}
const keyOf = (column: string, descending: boolean): Key => ({ column, kind: kinds[column] ?? 'text', descending })
const up = (column: string): Key => keyOf(column, false)
const down = (column: string): Key => keyOf(column, true)

const readyKeys: Order['keys'] = [up('queue_name'), up('rank'), up('job_id')]

/** Failed jobs are read backwards: a job that is retried and fails again is not met twice. */
const orders = {
  ready: { table: ready, keys: readyKeys },
  readyOfQueue: { table: ready, keys: readyKeys, of: 'queue' },
  scheduled: { table: scheduled, keys: [up('scheduled_at'), up('rank'), up('job_id')] },
  blocked: { table: blocked, keys: [up('concurrency_key'), up('rank'), up('job_id')] },
  claimed: { table: claimed, keys: [up('job_id')] },
  failed: { table: failed, keys: [down('job_id')] },
  failedAlike: { table: failed, keys: [down('fingerprint'), down('job_id')], of: 'fingerprint' },
  finished: { table: jobs, keys: [down('finished_at'), down('id')], where: sql`finished_at is not null` },
} satisfies Record<string, Order>

/** Chooses the narrowest index. */
function orderOf({ state, queue, fingerprint }: Meant): keyof typeof orders {
  if (state === 'ready' && queue !== null) return 'readyOfQueue'
  if (state === 'failed' && fingerprint !== null) return 'failedAlike'
  return state
}

interface Values {
  max: number
  /** Null: any. */
  task: string | null
  queue: string | null
  fingerprint: string | null
  recurring: string | null
  /** Milliseconds since 1970; null: any. */
  since: number | null
  until: number | null
  /** Leaves out jobs that were performed since then; null: none. */
  began: number | null
  /** The keys of the last row of the page before. */
  key0: string
  key1: string
  key2: string
}

/**
 * A page that goes on reads one index range a key, so that each range begins where the page before ended: rows alike in
 * all keys but the last, in all but the last two, … One condition for all of them would read the earlier rows again.
 */
function pageQuery({ table, keys, of, where }: Order, { continued }: { continued: boolean }): Query<Values> {
  return query<Values>((v, { instant, exactly, msUntil, epochKey, ofEpochKey }) => {
    const cursor = cursorKeys({ keys, of })
    const given = [v.key0, v.key1, v.key2].map((value, index) =>
      cursor[index]?.kind === 'instant' ? ofEpochKey(value) : sql`${value}`,
    )
    const always = where ? [where] : []
    const columns = sql.join(keys.map(columnOf))
    const order = (prefix = '') =>
      sql.join(
        keys.map(({ column, descending }) => sql`${sql.ref(prefix + column)} ${sql.raw(descending ? 'desc' : 'asc')}`),
      )
    const range = (index: number, conditions: readonly RawBuilder<unknown>[]) => sql`
      select * from (
        select ${columns} from ${table} ${conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`}
        order by ${order()} limit ${v.max}) ${sql.ref(`range${index}`)}`
    const fromStart = range(0, [...always, ...(of ? [exactly(columnOf(keys[0]), sql`${v[of]}`)] : [])])
    const ranges = cursor.map((key, index) =>
      range(index, [
        ...always,
        ...(of ? [sql`${columnOf(keys[0])} = ${v[of]}`] : []),
        ...cursor.slice(0, index).map((alike, at) => sql`${columnOf(alike)} = ${given[at]}`),
        sql`${columnOf(key)} ${sql.raw(key.descending ? '<' : '>')} ${given[index]}`,
      ]),
    )
    const read = continued
      ? sql`select * from (${sql.join(ranges, sql` union all `)}) ranges order by ${order()} limit ${v.max}`
      : fromStart
    return sql`
      select ${sql.join(cursor.map(({ column, kind }, index) => sql`${kind === 'instant' ? epochKey(sql.ref(`p.${column}`)) : sql`cast(${sql.ref(`p.${column}`)} as text)`} as ${sql.ref(`key${index}`)}`))},
        case when ${sql.join(
          [
            anyOr(v.task, sql`j.task_name = ${v.task}`),
            anyOr(v.queue, sql`j.queue_name = ${v.queue}`),
            anyOr(v.recurring, sql`j.recurring_key = ${v.recurring}`),
            anyOr(v.since, sql`j.enqueued_at >= ${instant(v.since)}`),
            anyOr(v.until, sql`j.enqueued_at < ${instant(v.until)}`),
            anyOr(v.began, sql`(j.started_at is null or j.started_at < ${instant(v.began)})`),
          ],
          sql` and `,
        )} then 1 else 0 end as meant, -${msUntil(instant(sql.lit(0)))} as now_ms
      from (${read}) p left join ${jobs} j on j.id = ${sql.ref(`p.${idOf(keys)}`)} order by ${order('p.')}`
  })
}

const idOf = (keys: readonly Key[]) => (keys.at(-1) as Key).column
const columnOf = ({ column }: Key) => sql.ref(column)

/** The keys that tell rows apart: a first key that all rows share is left out. */
const cursorKeys = ({ keys, of }: Pick<Order, 'keys' | 'of'>): readonly Key[] => (of ? keys.slice(1) : keys)

/** The cast tells Postgres the type of a parameter that is null. */
const anyOr = (value: unknown, condition: RawBuilder<unknown>) => sql`(cast(${value} as text) is null or ${condition})`

const pages = Object.fromEntries(
  Object.entries<Order>(orders).map(([name, order]) => [
    name,
    { first: pageQuery(order, { continued: false }), next: pageQuery(order, { continued: true }) },
  ]),
) as Record<keyof typeof orders, { readonly first: Query<Values>; readonly next: Query<Values> }>

/** The keys of a row, as text; the next page begins behind it. */
export type Cursor = readonly string[]

/** Selects jobs of a state. */
export interface Meant {
  readonly state: JobState
  /** Null: any. */
  readonly queue: string | null
  /** Null: any. */
  readonly task: string | null
  /** Jobs that failed alike; null: any. */
  readonly fingerprint: string | null
  /** The key of the recurring task that enqueued the jobs; null: any job, enqueued by a recurring task or not. */
  readonly recurring: string | null
  /** Enqueued then or later, in milliseconds since 1970; null: any. */
  readonly since: number | null
  /** Enqueued before then; null: any. */
  readonly until: number | null
}

export interface Page {
  /** The jobs read that `Meant` selects. */
  readonly found: readonly { readonly id: string; readonly cursor: Cursor }[]
  /** Where the next page begins; null: this page is the last. */
  readonly next: Cursor | null
  /** The database's clock, in milliseconds since 1970; null: nothing was read. */
  readonly nowMs: number | null
}

const isKey: Readonly<Record<Key['kind'], (text: string) => boolean>> = {
  text: isStorable,
  uuid: isJobId,
  integer: (text) => /^-?\d{1,4}$/.test(text),
  // Microseconds, at most, of the years that the tables hold.
  instant: (text) => /^-?\d{1,18}$/.test(text) && Number(text) >= -62_135_596_800e6 && Number(text) < 253_402_300_800e6,
}

/** Whether a value can be where a page of these jobs has ended; the database may refuse any other value. */
export function isCursor(value: unknown, meant: Meant): value is Cursor {
  const keys = cursorKeys(orders[orderOf(meant)])
  return (
    Array.isArray(value) &&
    value.length === keys.length &&
    keys.every(({ kind }, index) => typeof value[index] === 'string' && isKey[kind](value[index]))
  )
}

/**
 * Reads the next `max` jobs of a state, and which of them are meant. A page is bounded by the rows it reads, not by the
 * jobs it finds, so that no page reads a table whole.
 *
 * @param after null: from the beginning
 * @param began leaves out jobs that were performed since then, in milliseconds since 1970; null: none
 */
export function page(
  dialect: Dialect,
  meant: Meant,
  { after, max, began = null }: { readonly after: Cursor | null; readonly max: number; readonly began?: number | null },
): Transition<Page> {
  const { first, next } = pages[orderOf(meant)]
  const { queue, task, fingerprint, recurring, since, until } = meant
  const [key0 = '', key1 = '', key2 = ''] = after ?? []
  return looking(
    dialect.bind(after ? next : first, {
      max,
      queue,
      task,
      fingerprint,
      recurring,
      since,
      until,
      began,
      key0,
      key1,
      key2,
    }),
    ({ rows }) => {
      const count = cursorKeys(orders[orderOf(meant)]).length
      const cursorOf = (row: Row): Cursor => Array.from({ length: count }, (_, index) => String(row[`key${index}`]))
      const last = rows.at(-1)
      return {
        found: rows.flatMap((row) => {
          if (Number(row['meant']) !== 1) return []
          const cursor = cursorOf(row)
          return [{ id: cursor[count - 1] as string, cursor }]
        }),
        next: rows.length < max || !last ? null : cursorOf(last),
        nowMs: last ? Math.floor(Number(last['now_ms'])) : null,
      }
    },
  )
}

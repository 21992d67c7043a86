import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { type Query, query, type Row } from '../dialects/query.ts'
import { claimed, failed, jobs, ready, scheduled } from '../dialects/tables.ts'
import type { JobState } from '../job/job.ts'
import type { Transition } from './transition.ts'

interface Key {
  readonly column: string
  readonly descending: boolean
}

/** Where the jobs of a state are, and the order of a primary key. */
interface Order {
  readonly table: RawBuilder<unknown>
  /** The last one is the job's id. */
  readonly keys: readonly Key[]
  /** What must hold of a job `j` as well. */
  readonly meant?: RawBuilder<unknown>
}

const up = (column: string): Key => ({ column, descending: false })
const down = (column: string): Key => ({ column, descending: true })

/** What has ended is read backwards: a job that is retried and fails again is not met twice. */
const ended = {
  failed: { table: failed, keys: [down('job_id')] },
  // Most jobs are: the others are passed over.
  finished: { table: jobs, keys: [down('id')], meant: sql`j.finished_at is not null` },
} satisfies Partial<Record<JobState, Order>>

const orders: Record<Dialect['name'], Record<JobState, Order>> = {
  postgres: {
    ready: { table: ready, keys: [up('job_id')] },
    scheduled: { table: scheduled, keys: [up('job_id')] },
    claimed: { table: claimed, keys: [up('job_id')] },
    ...ended,
  },
  sqlite: {
    ready: { table: ready, keys: [up('queue_name'), down('priority'), up('job_id')] },
    scheduled: { table: scheduled, keys: [up('scheduled_at'), down('priority'), up('job_id')] },
    claimed: { table: claimed, keys: [up('job_id')] },
    ...ended,
  },
}

interface Values {
  max: number
  /** Null: any. */
  task: string | null
  queue: string | null
  /** Milliseconds since 1970; null: any. */
  since: number | null
  until: number | null
  /** The keys of the row before. */
  key0: string
  key1: string
  key2: string
}

/**
 * A page that goes on is one index range a key, so that each begins where the page before ended: what is alike in all
 * keys but the last, in all but the last two, … As one condition, the rows before would be read again.
 */
function pageQuery({ table, keys, meant }: Order, { continued }: { continued: boolean }): Query<Values> {
  return query<Values>((v, { instant }) => {
    const given = [v.key0, v.key1, v.key2]
    const columns = sql.join(keys.map(({ column }) => sql.ref(column)))
    const order = (prefix = '') =>
      sql.join(
        keys.map(({ column, descending }) => sql`${sql.ref(prefix + column)} ${sql.raw(descending ? 'desc' : 'asc')}`),
      )
    const range = (index: number, conditions: readonly RawBuilder<unknown>[]) => sql`
      select * from (
        select ${columns} from ${table} ${conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`}
        order by ${order()} limit ${v.max}) ${sql.ref(`range${index}`)}`
    const ranges = keys.map(({ column, descending }, index) =>
      range(index, [
        ...keys.slice(0, index).map((key, at) => sql`${sql.ref(key.column)} = ${given[at]}`),
        sql`${sql.ref(column)} ${sql.raw(descending ? '<' : '>')} ${given[index]}`,
      ]),
    )
    const read = continued
      ? sql`select * from (${sql.join(ranges, sql` union all `)}) ranges order by ${order()} limit ${v.max}`
      : range(0, [])
    return sql`
      select ${sql.join(keys.map(({ column }, index) => sql`cast(${sql.ref(`p.${column}`)} as text) as ${sql.ref(`key${index}`)}`))},
        case when ${sql.join(
          [
            ...(meant ? [meant] : []),
            anyOr(v.task, sql`j.task_name = ${v.task}`),
            anyOr(v.queue, sql`j.queue_name = ${v.queue}`),
            anyOr(v.since, sql`j.enqueued_at >= ${instant(v.since)}`),
            anyOr(v.until, sql`j.enqueued_at < ${instant(v.until)}`),
          ],
          sql` and `,
        )} then 1 else 0 end as meant
      from (${read}) p left join ${jobs} j on j.id = ${sql.ref(`p.${idOf(keys)}`)} order by ${order('p.')}`
  })
}

const idOf = (keys: readonly Key[]) => (keys.at(-1) as Key).column

/** A cast, for Postgres to know the type of a parameter that is null. */
const anyOr = (value: unknown, condition: RawBuilder<unknown>) => sql`(cast(${value} as text) is null or ${condition})`

const both = (order: Order) => ({
  first: pageQuery(order, { continued: false }),
  next: pageQuery(order, { continued: true }),
})

const byState = (of: Record<JobState, Order>) => ({
  ready: both(of.ready),
  scheduled: both(of.scheduled),
  claimed: both(of.claimed),
  failed: both(of.failed),
  finished: both(of.finished),
})

const pages = { postgres: byState(orders.postgres), sqlite: byState(orders.sqlite) }

/** The keys of a row, as text: what comes behind it is the next page. */
export type Cursor = readonly string[]

/** Which jobs of a state are meant. */
export interface Meant {
  readonly state: JobState
  /** Null: any. */
  readonly queue: string | null
  /** Null: any. */
  readonly task: string | null
  /** Enqueued then or later, in milliseconds since 1970; null: any. */
  readonly since: number | null
  /** Enqueued before then; null: any. */
  readonly until: number | null
}

export interface Page {
  /** The jobs that were meant, of those that were read. */
  readonly found: readonly { readonly id: string; readonly cursor: Cursor }[]
  /** Where the next page begins; null: this was the last one. */
  readonly next: Cursor | null
}

/** How many keys a cursor has. */
export const keysOf = ({ name }: Dialect, state: JobState): number => orders[name][state].keys.length

/**
 * Reads the next `max` jobs of a state, and which of them are meant. A page is bounded by what it reads, not by what it
 * finds, so that none reads a table whole.
 *
 * @param after null: from the beginning
 */
export function page(
  dialect: Dialect,
  { state, queue, task, since, until }: Meant,
  { after, max }: { readonly after: Cursor | null; readonly max: number },
): Transition<Page> {
  const { first, next } = pages[dialect.name][state]
  const [key0 = '', key1 = '', key2 = ''] = after ?? []
  return {
    keys: [],
    statements: [dialect.bind(after ? next : first, { max, queue, task, since, until, key0, key1, key2 })],
    idempotent: true,
    read: ({ rows }) => {
      const count = keysOf(dialect, state)
      const cursorOf = (row: Row): Cursor => Array.from({ length: count }, (_, index) => String(row[`key${index}`]))
      const last = rows.at(-1)
      return {
        found: rows.flatMap((row) => {
          if (Number(row['meant']) !== 1) return []
          const cursor = cursorOf(row)
          return [{ id: cursor[count - 1] as string, cursor }]
        }),
        next: rows.length < max || !last ? null : cursorOf(last),
      }
    },
  }
}

import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import type { CancellableState, UnclaimedState } from '../dialects/moves.ts'
import { type Query, query, type Row } from '../dialects/query.ts'
import { claimed, failed, jobs, ready, scheduled } from '../dialects/tables.ts'
import type { Transition } from './transition.ts'

interface Key {
  readonly column: string
  readonly descending: boolean
}

/** Where jobs are that can be moved. */
export type MovableState = UnclaimedState | CancellableState

/** Where the jobs of a state are, and the order of its primary key. */
interface Order {
  readonly table: RawBuilder<unknown>
  /** The last one is the job's id. */
  readonly keys: readonly Key[]
}

const up = (column: string): Key => ({ column, descending: false })
const down = (column: string): Key => ({ column, descending: true })

/** What has failed is read backwards: a job that is retried and fails again is not met twice. */
const orders: Record<Dialect['name'], Record<MovableState, Order>> = {
  postgres: {
    ready: { table: ready, keys: [up('job_id')] },
    scheduled: { table: scheduled, keys: [up('job_id')] },
    claimed: { table: claimed, keys: [up('job_id')] },
    failed: { table: failed, keys: [down('job_id')] },
  },
  sqlite: {
    ready: { table: ready, keys: [up('queue_name'), down('priority'), up('job_id')] },
    scheduled: { table: scheduled, keys: [up('scheduled_at'), down('priority'), up('job_id')] },
    claimed: { table: claimed, keys: [up('job_id')] },
    failed: { table: failed, keys: [down('job_id')] },
  },
}

interface Values {
  max: number
  /** Null: any. */
  task: string | null
  queue: string | null
  /** The keys of the row before. */
  key0: string
  key1: string
  key2: string
}

/**
 * A page that goes on is one index range a key, so that each begins where the page before ended: what is alike in all
 * keys but the last, in all but the last two, … As one condition, the rows before would be read again.
 */
function pageQuery({ table, keys }: Order, { continued }: { continued: boolean }): Query<Values> {
  return query<Values>((v) => {
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
        case when ${isOrAny(sql`j.task_name`, v.task)} and ${isOrAny(sql`j.queue_name`, v.queue)} then 1 else 0 end as meant
      from (${read}) p left join ${jobs} j on j.id = ${sql.ref(`p.${idOf(keys)}`)} order by ${order('p.')}`
  })
}

const idOf = (keys: readonly Key[]) => (keys.at(-1) as Key).column

/** A cast, for Postgres to know the type of a parameter that is null. */
const isOrAny = (column: RawBuilder<unknown>, value: unknown) =>
  sql`(cast(${value} as text) is null or ${column} = ${value})`

const both = (order: Order) => ({
  first: pageQuery(order, { continued: false }),
  next: pageQuery(order, { continued: true }),
})

const byState = (of: Record<MovableState, Order>) => ({
  ready: both(of.ready),
  scheduled: both(of.scheduled),
  claimed: both(of.claimed),
  failed: both(of.failed),
})

const pages = { postgres: byState(orders.postgres), sqlite: byState(orders.sqlite) }

/** The keys of the last row that a page read, as text. */
export type Cursor = readonly string[]

export interface Page {
  /** The jobs that were meant, of those that were read. */
  readonly ids: readonly string[]
  /** Where the next page begins; null: this was the last one. */
  readonly next: Cursor | null
}

/** How many keys a cursor has. */
export const keysOf = ({ name }: Dialect, state: MovableState): number => orders[name][state].keys.length

/**
 * Reads the next `max` jobs of a state, and which of them are meant: of a queue, of a task. A page is bounded by what it
 * reads, not by what it finds, so that none reads a table whole.
 */
export function page(
  dialect: Dialect,
  {
    state,
    queue,
    task,
    after,
    max,
  }: {
    readonly state: MovableState
    /** Null: any. */
    readonly queue: string | null
    /** Null: any. */
    readonly task: string | null
    /** Null: from the beginning. */
    readonly after: Cursor | null
    readonly max: number
  },
): Transition<Page> {
  const { first, next } = pages[dialect.name][state]
  const [key0 = '', key1 = '', key2 = ''] = after ?? []
  return {
    keys: [],
    statements: [dialect.bind(after ? next : first, { max, queue, task, key0, key1, key2 })],
    idempotent: true,
    read: ({ rows }) => {
      const count = keysOf(dialect, state)
      const cursorOf = (row: Row): Cursor => Array.from({ length: count }, (_, index) => String(row[`key${index}`]))
      const last = rows.at(-1)
      return {
        ids: rows.flatMap((row) => (Number(row['meant']) === 1 ? [String(row[`key${count - 1}`])] : [])),
        next: rows.length < max || !last ? null : cursorOf(last),
      }
    },
  }
}

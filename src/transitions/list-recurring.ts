import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { type Build, query, type Row, type Statement, toDate } from '../dialects/query.ts'
import { recurringTasks } from '../dialects/tables.ts'
import type { Deployment } from '../recurring/deployment.ts'
import type { CatchUp, StoredRecurringTask } from '../recurring/recurring-task.ts'
import { looking, type Transition } from './transition.ts'

/** Recurring tasks, and the time of the database's clock. */
export interface ListedRecurringTasks {
  readonly tasks: readonly StoredRecurringTask[]
  readonly now: Date
}

/** Selects recurring tasks `t`, and the time of the database's clock. */
export const tasksOf = (build: Build, where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select ${build.epochMs(sql`n.now_at`)} as now_at, t.key, t.task_name, t.schedule, t.time_zone, ${build.json(sql`t.payload`)} as payload,
    ${build.json(sql`t.payload_meta`)} as payload_meta, t.queue_name, t.priority, t.catch_up, t.description,
    case when t.static then 1 else 0 end as static, case when t.enabled then 1 else 0 end as enabled,
    ${build.epochMs(sql`t.removed_at`)} as removed_at, t.version, ${build.epochMs(sql`t.last_run_at`)} as last_run_at,
    ${build.epochMs(sql`t.next_run_at`)} as next_run_at
  from (select ${build.now} as now_at) n left join ${recurringTasks} t on ${where} order by t.key`

const all = query<{ after: string; max: number }>(
  ({ after, max }, build) => sql`${tasksOf(build, sql`t.key > ${after}`)} limit ${max}`,
)

const ofKey = query<{ key: string }>(({ key }, build) => tasksOf(build, sql`t.key = ${key}`))

/** The lists that decide which recurring tasks a deployment serves. */
export type Served = Pick<Deployment, 'keys' | 'taskNames'>

/** A removed static task that comes back within this time goes on; one that comes back later begins anew. */
export const forgottenMs = 7 * 86_400_000

/**
 * Whether a deployment serves a recurring task `t`: it can enqueue the task, and has it in `keys` if it is static. Both
 * lists are rows of `name`.
 */
export const isServed = (
  { keys, taskNames }: { readonly [Name in keyof Served]: RawBuilder<unknown> },
  { after }: Build,
): RawBuilder<boolean> => sql`
  t.task_name in (select name from ${taskNames} x) and (not t.static or t.key in (select name from ${keys} x))
    and (t.removed_at is null or t.removed_at > ${after(sql.lit(-forgottenMs))})`

const due = query<Served & { after: string; max: number }>(({ after, max, keys, taskNames }, build) => {
  const served = { keys: build.rows(keys, { name: 'text' }), taskNames: build.rows(taskNames, { name: 'text' }) }
  const where = sql`t.next_run_at <= ${build.now} and t.key > ${after} and ${isServed(served, build)}`
  return sql`${tasksOf(build, where)} limit ${max}`
})

/** Lists the recurring tasks behind the key `after`, by the bytes of their keys, at most `max`. */
export const listRecurring = (
  dialect: Dialect,
  input: { after: string; max: number },
): Transition<ListedRecurringTasks> => readRecurringTasks(dialect.bind(all, input))

/** Lists the recurring task of a key, or none. */
export const findRecurring = (dialect: Dialect, input: { key: string }): Transition<ListedRecurringTasks> =>
  readRecurringTasks(dialect.bind(ofKey, input))

/** Lists the recurring tasks behind the key `after` that are due and that a deployment serves, at most `max`. */
export const listDue = (
  dialect: Dialect,
  { served: { keys, taskNames }, after, max }: { served: Served; after: string; max: number },
): Transition<ListedRecurringTasks> => readRecurringTasks(dialect.bind(due, { keys, taskNames, after, max }))

/** Reads a statement of `tasksOf`. */
export const readRecurringTasks = (statement: Statement): Transition<ListedRecurringTasks> =>
  looking(statement, ({ rows }) => ({
    tasks: rows.filter((row) => row['key'] !== null).map(readTask),
    now: toDate(rows[0]?.['now_at']) as Date,
  }))

function readTask(row: Row): StoredRecurringTask {
  const text = (column: string) => row[column] as string | null
  return {
    key: String(row['key']),
    task: String(row['task_name']),
    schedule: String(row['schedule']),
    timeZone: String(row['time_zone']),
    payload: String(row['payload']),
    payloadMeta: text('payload_meta'),
    queue: text('queue_name'),
    priority: row['priority'] === null ? null : Number(row['priority']),
    catchUp: row['catch_up'] as CatchUp,
    description: text('description'),
    static: Number(row['static']) === 1,
    enabled: Number(row['enabled']) === 1,
    version: Number(row['version']),
    removedAt: toDate(row['removed_at']),
    lastRunAt: toDate(row['last_run_at']),
    nextRunAt: toDate(row['next_run_at']),
  }
}

import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, type Statement } from '../dialects/query.ts'
import { recurringTasks } from '../dialects/tables.ts'
import { type Planned, storedMax } from '../recurring/recurring-task.ts'
import { recurringLock } from './occur.ts'
import { assignments, columnList, plannedColumns, plannedList } from './recurring-record.ts'
import { type Transition, transition } from './transition.ts'

const insert = query<{ list: readonly object[] }>(
  ({ list }, { rows }) => sql`
    insert into ${recurringTasks} (${columnList}, static, next_run_at)
    select ${columnList}, false, next_at from ${rows(list, plannedColumns)} x
    where (select count(*) from (select 1 from ${recurringTasks} limit ${sql.lit(storedMax)}) counted) < ${sql.lit(storedMax)}`,
)

const update = query<{ list: readonly object[]; version: number }>(
  ({ list, version }, { rows }) => sql`
    update ${recurringTasks} as t set ${assignments('x')}, version = t.version + 1, next_run_at = case
      when t.schedule = x.schedule and t.time_zone = x.time_zone then t.next_run_at
      when t.enabled then x.next_at end
    from ${rows(list, plannedColumns)} x where t.key = x.key and not t.static and t.version = ${version}`,
)

const remove = query<{ key: string }>(
  ({ key }) => sql`delete from ${recurringTasks} where key = ${key} and (not static or removed_at is not null)`,
)

const enable = query<{ key: string; list: readonly object[]; version: number }>(
  ({ key, list, version }, { rows }) => sql`
    update ${recurringTasks} as t set enabled = true, version = t.version + 1, next_run_at = x.next_at
    from ${rows(list, { next_at: 'instant' })} x where t.key = ${key} and not t.enabled and t.version = ${version}`,
)

const disable = query<{ key: string }>(
  ({ key }) =>
    sql`update ${recurringTasks} set enabled = false, version = version + 1, next_run_at = null where key = ${key} and enabled`,
)

/**
 * Creates a dynamic recurring task. Fails with a `duplicate` when the key is taken. Not idempotent: a second try could
 * not tell whose task has the key. Reads: false when the database has as many recurring tasks as it may have.
 */
export const createRecurring = (dialect: Dialect, planned: Planned): Transition<boolean | null> => ({
  ...changing(dialect.bind(insert, { list: plannedList([planned]) })),
  idempotent: false,
})

/**
 * Rewrites a dynamic recurring task. Keeps the time of the next occurrence while schedule and time zone are unchanged.
 * Reads: false when no dynamic task has that key and version.
 */
export const editRecurring = (
  dialect: Dialect,
  { version, ...planned }: Planned & { version: number },
): Transition<boolean | null> => changing(dialect.bind(update, { list: plannedList([planned]), version }))

/**
 * Deletes a dynamic recurring task, or a static one that was removed; its occurrences stay recorded. Reads: false when
 * no such task has that key.
 */
export const deleteRecurring = (dialect: Dialect, input: { key: string }): Transition<boolean | null> =>
  changing(dialect.bind(remove, input))

/** Reads: false when no disabled recurring task has that key and version. */
export const enableRecurring = (
  dialect: Dialect,
  { key, version, next }: { key: string; version: number; next: Date },
): Transition<boolean | null> => changing(dialect.bind(enable, { key, version, list: [{ next_at: next.getTime() }] }))

/** Occurrences are left out while the task is disabled. Reads: false when no enabled recurring task has that key. */
export const disableRecurring = (dialect: Dialect, input: { key: string }): Transition<boolean | null> =>
  changing(dialect.bind(disable, input))

/** Reads: null when an earlier try, whose answer was lost, may have made the change. */
const changing = (change: Statement): Transition<boolean | null> =>
  transition({
    locks: recurringLock,
    idempotent: true,
    steps: { change },
    read: (results, { resent }) => results.change.affected > 0 || (resent ? null : false),
  })

import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { processes, recurringTasks } from '../dialects/tables.ts'
import { type ListedRecurringTasks, readRecurringTasks, tasksOf } from './list-recurring.ts'
import { recurringLock } from './occur.ts'
import { setBackMs } from './set-back.ts'
import { type Transition, transition } from './transition.ts'

/** A daily task is due within this time, so only a task that is due later is a suspect. */
const lateMs = 25 * 3_600_000

const suspects = query<{ after: string; max: number }>(({ after: key, max }, build) => {
  const ahead = sql`(t.last_run_at > ${build.after(sql.lit(setBackMs))} or t.next_run_at > ${build.after(sql.lit(lateMs))})`
  return sql`${tasksOf(build, sql`t.key > ${key} and t.next_run_at > ${build.now} and ${ahead}`)} limit ${max}`
})

/**
 * Lists the recurring tasks behind the key `after`, at most `max`, whose next occurrence a clock that was ahead may
 * have written. Most of these tasks merely occur rarely; their schedules tell.
 */
export const listSuspects = (
  dialect: Dialect,
  input: { after: string; max: number },
): Transition<ListedRecurringTasks> => readRecurringTasks(dialect.bind(suspects, input))

const setBack = query<{ list: readonly object[] }>(
  ({ list }, { rows }) => sql`
    update ${recurringTasks} as t set next_run_at = x.to_at, last_run_at = null
    from ${rows(list, { key: 'text', from_at: 'instant', to_at: 'instant' })} x
    where t.key = x.key and t.next_run_at = x.from_at`,
)

/**
 * Sets next occurrences back where they are still the ones that were read. An occurrence recorded meanwhile is not
 * enqueued twice.
 */
export function bringBack(
  dialect: Dialect,
  tasks: readonly { readonly key: string; readonly from: Date; readonly to: Date }[],
): Transition<void> {
  const list = tasks.map(({ key, from, to }) => ({ key, from_at: from.getTime(), to_at: to.getTime() }))
  return transition({
    locks: recurringLock,
    idempotent: true,
    steps: { setBack: dialect.bind(setBack, { list }) },
    read: () => undefined,
  })
}

const shorten = query<object>(
  (_, { now, after }) => sql`
    update ${processes} set lease_expires_at = ${now} + (lease_expires_at - last_heartbeat_at), last_heartbeat_at = ${now}
    where last_heartbeat_at > ${after(sql.lit(setBackMs))}`,
)

/**
 * Lets leases that a clock ahead of time has written begin now, each as long as it was. Otherwise a lost invocation
 * would stay unnoticed for years.
 */
export const bringBackLeases = (dialect: Dialect): Transition<void> =>
  transition({ idempotent: true, steps: { shorten: dialect.bind(shorten, {}) }, read: () => undefined })

import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../dialects/query.ts'
import type { Planned } from '../recurring/recurring-task.ts'

/** The columns of a recurring task's record and of the table, without the task's state. */
const columns = {
  key: 'text',
  task_name: 'text',
  schedule: 'text',
  time_zone: 'text',
  payload: 'json',
  payload_meta: 'json',
  queue_name: 'text',
  priority: 'integer',
  catch_up: 'text',
  description: 'text',
} as const satisfies Record<string, Column>

/** The columns of records of recurring tasks: those of the table, and `next_at`. */
export const plannedColumns = { ...columns, next_at: 'instant' } as const satisfies Record<string, Column>

const names = Object.keys(columns)

/** The names of the table's columns, to insert into and to select from such records. */
export const columnList: RawBuilder<unknown> = sql.raw(names.join(', '))

/** Sets each column, except the key, to the one of `source`. */
export const assignments = (source: string): RawBuilder<unknown> =>
  sql.raw(names.flatMap((name) => (name === 'key' ? [] : [`${name} = ${source}.${name}`])).join(', '))

export const plannedList = (planned: readonly Planned[]): readonly object[] =>
  planned.map(({ task, next }) => ({
    key: task.key,
    task_name: task.task,
    schedule: task.schedule,
    time_zone: task.timeZone,
    payload: task.payload,
    payload_meta: task.payloadMeta,
    queue_name: task.queue,
    priority: task.priority,
    catch_up: task.catchUp,
    description: task.description,
    next_at: next.getTime(),
  }))

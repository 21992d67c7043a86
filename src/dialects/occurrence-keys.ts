import { type RawBuilder, sql } from 'kysely'
import { occurrences } from './tables.ts'

/**
 * The CTE `keys`: the `task_key` of each recurring task that has occurrences, and null. Each key costs one step,
 * however many occurrences it has.
 */
export const occurrenceKeys: RawBuilder<unknown> = sql`
  keys(task_key) as (
    select min(task_key) from ${occurrences}
    union all
    select (select min(task_key) from ${occurrences} where task_key > k.task_key) from keys k where k.task_key is not null
  )`

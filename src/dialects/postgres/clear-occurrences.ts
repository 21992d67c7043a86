import { sql } from 'kysely'
import { type Bind, type Move, move } from '../moves.ts'
import { occurrenceKeys } from '../occurrence-keys.ts'
import { query } from '../query.ts'
import { occurrences } from '../tables.ts'

/**
 * Deletes by ctid, which is stable because the rows never change: pairs of columns in a list are not looked up one by
 * one.
 */
const remove = query<{ age: number; max: number }>(
  ({ age, max }, { after }) => sql`
    with recursive ${occurrenceKeys}
    delete from ${occurrences} where ctid = any(array(
      select e.ctid from keys k cross join lateral (
        select ctid from ${occurrences} where task_key = k.task_key and run_at <= ${after(age)}
        order by task_key, run_at limit ${max}::integer
      ) e limit ${max}::integer))`,
)

export function clearOccurrences(bind: Bind, { olderThanMs, max }: { olderThanMs: number; max: number }): Move<number> {
  return move({ remove: bind(remove, { age: -olderThanMs, max }) }, (results) => results.remove.affected)
}

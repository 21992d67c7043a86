import { sql } from 'kysely'
import { type Bind, type Move, move } from '../moves.ts'
import { occurrenceKeys } from '../occurrence-keys.ts'
import { query } from '../query.ts'
import { occurrences } from '../tables.ts'

const remove = query<{ age: number; max: number }>(
  ({ age, max }, { after }) => sql`
    with recursive ${occurrenceKeys}
    delete from ${occurrences} where (task_key, run_at) in (
      select e.task_key, e.run_at from keys k cross join ${occurrences} e
      where e.task_key = k.task_key and e.run_at <= ${after(age)} limit ${max})`,
)

export function clearOccurrences(bind: Bind, { olderThanMs, max }: { olderThanMs: number; max: number }): Move<number> {
  return move({ remove: bind(remove, { age: -olderThanMs, max }) }, (results) => results.remove.affected)
}

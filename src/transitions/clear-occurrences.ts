import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { occurrences } from '../dialects/tables.ts'
import type { Transition } from './transition.ts'

/** Key by key, each from its first: by the primary key alone. */
const remove = query<{ age: number; max: number }>(
  ({ age, max }, { after }) => sql`
    with recursive keys(task_key) as (
      select min(task_key) from ${occurrences}
      union all
      select (select min(task_key) from ${occurrences} where task_key > k.task_key) from keys k
      where k.task_key is not null
    )
    delete from ${occurrences} where (task_key, run_at) in (
      select e.task_key, e.run_at from keys k cross join ${occurrences} e
      where e.task_key = k.task_key and e.run_at <= ${after(age)} limit ${max})`,
)

/**
 * Deletes records of occurrences older than `olderThanMs`. They come no more: a recurring task has gone on to later ones.
 * Reads: how many, at most `max`.
 */
export function clearOccurrences(
  dialect: Dialect,
  { olderThanMs, max }: { olderThanMs: number; max: number },
): Transition<number> {
  return {
    locks: [],
    statements: [dialect.bind(remove, { age: -olderThanMs, max })],
    idempotent: true,
    read: ({ affected }) => affected,
  }
}

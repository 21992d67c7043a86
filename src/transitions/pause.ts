import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { pauses } from '../dialects/tables.ts'
import { type Transition, transition } from './transition.ts'

const insert = query<{ name: string }>(
  ({ name }, { now }) => sql`
    insert into ${pauses} (queue_name, created_at) values (${name}, ${now}) on conflict do nothing`,
)

const remove = query<{ name: string }>(({ name }) => sql`delete from ${pauses} where queue_name = ${name}`)

/** Stops claims from the queue; claimed jobs go on. Reads: false when the queue was paused already. */
export function pause(dialect: Dialect, { queue }: { queue: string }): Transition<boolean> {
  return transition({
    idempotent: true,
    steps: { insert: dialect.bind(insert, { name: queue }) },
    read: (results, { resent }) => results.insert.affected > 0 || resent,
  })
}

/** Ends a pause. Reads: false when the queue was not paused. */
export function resume(dialect: Dialect, { queue }: { queue: string }): Transition<boolean> {
  return transition({
    idempotent: true,
    steps: { remove: dialect.bind(remove, { name: queue }) },
    read: (results, { resent }) => results.remove.affected > 0 || resent,
  })
}

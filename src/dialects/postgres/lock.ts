import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { query, type Statement } from '../query.ts'
import { semaphores } from '../tables.ts'

/**
 * Always writes its mark: a lock that writes nothing breaks silently on a stale snapshot. A statement of its own,
 * because what counts under the lock must have a snapshot that is younger than the lock. Keys are taken in the order
 * of their bytes, so that two batches never wait for each other.
 */
const mark = query<{ keys: string; batch: string }>(
  ({ keys, batch }) => sql`
    insert into ${semaphores} (key, batch)
    select k.key, ${batch}::uuid from json_array_elements_text(${keys}::json) as k(key) order by k.key collate "C"
    on conflict (key) do update set batch = excluded.batch`,
)

export function lock(bind: Bind, { keys, batch }: { keys: readonly string[]; batch: string }): Statement[] {
  return keys.length === 0 ? [] : [bind(mark, { keys: JSON.stringify(keys), batch })]
}

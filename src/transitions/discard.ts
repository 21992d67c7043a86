import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import type { UnclaimedState } from '../dialects/moves.ts'
import { query } from '../dialects/query.ts'
import { jobs } from '../dialects/tables.ts'
import { combine, ofMove, type Transition, transition } from './transition.ts'

/** A state in which a job can be deleted. */
export type DiscardableState = UnclaimedState | 'finished'

/** A finished job has a row in `jobs` alone, and an outcome. By `finished_at`, SQLite would read the index of clearing. */
const deleteFinished = query<{ list: readonly string[] }>(
  ({ list }, { ids }) => sql`
    delete from ${jobs} where id in (select id from ${ids(list)} i) and outcome is not null returning id as job_id`,
)

/**
 * Deletes jobs that are in this state; null: in any. A job that is claimed, or being claimed, stays. Reads: the ids that
 * were deleted.
 *
 * Not idempotent: a second try could not say what the first one deleted.
 */
export function discard(
  dialect: Dialect,
  { ids, state }: { ids: readonly string[]; state: DiscardableState | null },
): Transition<readonly string[]> {
  if (state === 'finished') return discardFinished(dialect, ids)
  const unclaimed = discardUnclaimed(dialect, { ids, state })
  if (state !== null) return unclaimed
  const any = combine({ finished: discardFinished(dialect, ids), unclaimed })
  return { ...any, read: (results, context) => Object.values(any.read(results, context)).flat() }
}

const discardUnclaimed = (dialect: Dialect, input: { ids: readonly string[]; state: UnclaimedState | null }) =>
  ofMove(dialect.moves.discard(dialect.bind, input), {
    locks: [{ of: 'jobs', ids: input.ids }],
    idempotent: false,
  })

const discardFinished = (dialect: Dialect, list: readonly string[]) =>
  transition({
    idempotent: false,
    steps: { deleted: dialect.bind(deleteFinished, { list }) },
    read: ({ deleted }) => deleted.rows.map((row) => String(row['job_id'])),
  })

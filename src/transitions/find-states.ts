import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import type { JobState } from '../job/job.ts'
import { stateColumn, stateJoins } from './state-column.ts'
import { looking, type Transition } from './transition.ts'

const byIds = query<{ list: readonly string[] }>(
  ({ list }, { ids }) => sql`select j.id, ${stateColumn} as state ${stateJoins(ids(list))} where j.id = i.id`,
)

/**
 * Reads: id → state, of the jobs that are stored. No payload is read, so a role that may only enqueue can ask for the
 * states of its own ids.
 */
export function findStates(
  dialect: Dialect,
  { ids }: { ids: readonly string[] },
): Transition<ReadonlyMap<string, JobState>> {
  return looking(
    dialect.bind(byIds, { list: ids }),
    ({ rows }) => new Map(rows.map((row) => [String(row['id']), row['state'] as JobState])),
  )
}

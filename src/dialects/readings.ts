import type { Cancelled, Placed, PrunedJob } from './moves.ts'
import type { Result } from './query.ts'

/** Readings that both dialects share, because their last steps answer alike. */

/** `job_id`. */
export const readIds = ({ rows }: Result): readonly string[] => rows.map((row) => String(row['job_id']))

/** `job_id`, `state`, and for a skipped job `held_by`: JSON text of ids. */
export const readPlaced = ({ rows }: Result): ReadonlyMap<string, Placed> =>
  new Map(
    rows.map((row) => {
      const state = row['state'] as Placed['state']
      const heldBy = () => JSON.parse(String(row['held_by'])) as string[]
      return [String(row['job_id']), state === 'skipped' ? { state, heldBy: heldBy() } : { state }]
    }),
  )

/** `job_id` and `cancel_requested`, 1 or 0. */
export const readOwned = ({ rows }: Result): ReadonlyMap<string, boolean> =>
  new Map(rows.map((row) => [String(row['job_id']), Number(row['cancel_requested']) === 1]))

/** `job_id`, `process_id`, `task_name`, `queue_name` and `kind`. */
export const readPruned = ({ rows }: Result): readonly PrunedJob[] =>
  rows.map((row) => ({
    id: String(row['job_id']),
    task: String(row['task_name']),
    queue: String(row['queue_name']),
    invocationId: String(row['process_id']),
    kind: row['kind'] as PrunedJob['kind'],
  }))

/** `job_id` and `kind`. */
export const readCancelled = ({ rows }: Result): ReadonlyMap<string, Cancelled> =>
  new Map(rows.map((row) => [String(row['job_id']), row['kind'] as Cancelled]))

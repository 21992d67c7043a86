import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import type { Lock, NewJob, Placed } from '../dialects/moves.ts'
import { query } from '../dialects/query.ts'
import { type Occurrence, occurrenceColumns } from '../dialects/recorded.ts'
import { readIds } from '../dialects/readings.ts'
import { occurrences, recurringTasks } from '../dialects/tables.ts'
import { ofMove, type Transition, transition } from './transition.ts'

/** Occurrences of a recurring task, and the time at which the task goes on. */
export interface Advance {
  readonly key: string
  /** The `nextRunAt` that was read. When it has changed meanwhile, another batch was first, and nothing is done. */
  readonly from: Date
  /** The `nextRunAt` that follows: the occurrences before it are enqueued, or left out for good. */
  readonly to: Date
  /** In order; empty: all occurrences are left out. */
  readonly occurrences: readonly { readonly runAt: Date; readonly job: NewJob }[]
}

/**
 * All changes of `next_run_at` take this one lock, so no occurrence is recorded from a row that is being changed. A
 * job's concurrency key is never equal to it: such a key has a `/`.
 */
export const recurringLock: readonly Lock[] = [{ of: 'keys', keys: [{ key: 'recurring', limit: null, jobId: null }] }]

const record = query<{ list: readonly object[] }>(
  ({ list }, { now, rows }) => sql`
    insert into ${occurrences} (task_key, run_at, job_id, created_at)
    select x.task_key, x.run_at, x.job_id, ${now}
    from ${rows(list, occurrenceColumns)} x
    join ${recurringTasks} t on t.key = x.task_key and t.next_run_at = x.from_at
    where true on conflict (task_key, run_at) do nothing returning job_id`,
)

/**
 * Records occurrences. Comes first in its batch; `enqueueRecorded` then enqueues the jobs of the recorded occurrences,
 * and `advance` sets the next ones. Reads: the ids of the jobs whose occurrences this batch recorded; the other
 * occurrences are those of a batch that was first.
 */
export function recordOccurrences(dialect: Dialect, advances: readonly Advance[]): Transition<ReadonlySet<string>> {
  return transition({
    locks: recurringLock,
    idempotent: true,
    steps: { record: dialect.bind(record, { list: listOf(advances) }) },
    read: (results) => new Set(readIds(results.record)),
  })
}

/**
 * Enqueues the jobs whose occurrences are recorded as theirs. Limited jobs are scheduled, and placed when they are
 * dispatched. Reads: the jobs that are not ready.
 */
export function enqueueRecorded(
  dialect: Dialect,
  advances: readonly Advance[],
): Transition<ReadonlyMap<string, Placed>> {
  const jobs = advances.flatMap(({ occurrences: due }) => due.map(({ job }) => job))
  return ofMove(dialect.moves.enqueueRecorded(dialect.bind, { jobs, occurrences: listOf(advances) }), {
    idempotent: true,
  })
}

const goOn = query<{ list: readonly object[] }>(
  ({ list }, { rows }) => sql`
    update ${recurringTasks} as t set next_run_at = x.to_at, last_run_at = coalesce(x.last_at, t.last_run_at)
    from ${rows(list, { key: 'text', from_at: 'instant', to_at: 'instant', last_at: 'instant' })} x
    where t.key = x.key and t.next_run_at = x.from_at`,
)

/** Sets the next occurrences of the tasks. */
export function advance(dialect: Dialect, advances: readonly Advance[]): Transition<void> {
  const list = advances.map(({ key, from, to, occurrences: done }) => ({
    key,
    from_at: from.getTime(),
    to_at: to.getTime(),
    last_at: done.at(-1)?.runAt.getTime() ?? null,
  }))
  return transition({
    locks: recurringLock,
    idempotent: true,
    steps: { goOn: dialect.bind(goOn, { list }) },
    read: () => undefined,
  })
}

const listOf = (advances: readonly Advance[]): Occurrence[] =>
  advances.flatMap(({ key, from, occurrences: due }) =>
    due.map(({ runAt, job }) => ({
      task_key: key,
      run_at: runAt.getTime(),
      job_id: job.id,
      from_at: from.getTime(),
    })),
  )

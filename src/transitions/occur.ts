import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import type { Lock, NewJob, Placed } from '../dialects/moves.ts'
import { query } from '../dialects/query.ts'
import { type Occurrence, occurrenceColumns } from '../dialects/recorded.ts'
import { readIds } from '../dialects/readings.ts'
import { occurrences, recurringTasks } from '../dialects/tables.ts'
import { ofMove, type Transition, transition } from './transition.ts'

/** Some occurrences of a recurring task, and where it goes on. */
export interface Advance {
  readonly key: string
  /** The `nextRunAt` that was read: when it is another one by now, somebody else was here, and nothing is done. */
  readonly from: Date
  /** The `nextRunAt` that follows: the occurrences before it are enqueued, or left out for good. */
  readonly to: Date
  /** In order; none: all are left out. */
  readonly occurrences: readonly { readonly runAt: Date; readonly job: NewJob }[]
}

/**
 * Whoever changes when recurring tasks occur next waits for whoever does: nobody records an occurrence by what somebody
 * else is changing. Not the key of a job's limit: those have a `/`.
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
 * Records occurrences. It comes first in its batch: the jobs of those it records are enqueued by `enqueueRecorded`, and
 * then their tasks `advance`. Reads: the jobs of those that are recorded; the others are somebody else's.
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
 * Enqueues the jobs of occurrences that are recorded as theirs; those that are limited are scheduled, and placed when they
 * are dispatched. Reads: those that are not ready.
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

/** Goes on to the occurrences that follow. */
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

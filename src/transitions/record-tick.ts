import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { ticks } from '../dialects/tables.ts'
import { setBackMs } from './set-back.ts'
import { type Transition, transition } from './transition.ts'

/** A tick that finds nothing to do notes its time at most this often. */
export const noteEveryMs = 60_000

/** Inserts nothing while the row is fresh: an upsert would lock it each time, and batches wait for each other. */
const note = query<{ actor: string; report: string; age: number }>(
  ({ actor, report, age }, { now, after }) => sql`
    insert into ${ticks} (actor, last_run_at, report)
    select ${actor}, ${now}, ${report}
    where not exists (select 1 from ${ticks} where actor = ${actor} and last_run_at > ${after(age)}
      and last_run_at <= ${after(sql.lit(setBackMs))})
    on conflict (actor) do update set last_run_at = excluded.last_run_at, report = excluded.report`,
)

/** Writes that an actor ran now, and its report as JSON text. */
export function recordTick(dialect: Dialect, input: { actor: string; report: string }): Transition<void> {
  return noted(dialect, { ...input, age: 0 })
}

/**
 * Writes that an actor ran, unless a tick has written it within the last minute. Comes last in its batch: the batch
 * whose row it may have to wait for needs no further lock, so it never waits in turn.
 */
export function noteTick(dialect: Dialect, { actor }: { actor: string }): Transition<void> {
  return noted(dialect, { actor, report: '{}', age: -noteEveryMs })
}

function noted(dialect: Dialect, input: { actor: string; report: string; age: number }): Transition<void> {
  return transition({ idempotent: true, steps: { note: dialect.bind(note, input) }, read: () => undefined })
}

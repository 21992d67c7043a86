import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import type { Transition } from './transition.ts'

const upsert = query<{ actor: string; report: string }>(({ actor, report }, { db, now }) =>
  db
    .insertInto('ticks')
    .values({ actor, last_run_at: now, report })
    .onConflict((conflict) => conflict.column('actor').doUpdateSet({ last_run_at: now, report })),
)

/** Writes that an actor ran, now, and what it reported: JSON text. */
export function recordTick(dialect: Dialect, input: { actor: string; report: string }): Transition<void> {
  return { keys: [], statements: [dialect.bind(upsert, input)], idempotent: true, read: () => undefined }
}

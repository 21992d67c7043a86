import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import type { EndedState } from '../dialects/moves.ts'
import { query } from '../dialects/query.ts'
import { failed, jobs } from '../dialects/tables.ts'
import { type Count, readCount, upTo } from './count-jobs.ts'
import { looking, ofMove, type Transition } from './transition.ts'

/** Deletes finished or failed jobs that ended longer ago than `olderThanMs`. Reads: how many, at most `max`. */
export function clear(
  dialect: Dialect,
  input: { state: EndedState; olderThanMs: number; max: number },
): Transition<number> {
  return ofMove(dialect.moves.clear(dialect.bind, input), { idempotent: true })
}

const counting = (rows: (before: RawBuilder<Date>) => RawBuilder<unknown>) =>
  query<{ age: number; max: number }>(({ age, max }, { after }) => sql`select ${upTo(max, rows(after(age)))} as count`)

const count: Record<EndedState, ReturnType<typeof counting>> = {
  finished: counting((before) => sql`${jobs} where finished_at <= ${before} order by finished_at`),
  failed: counting((before) => sql`${failed} where created_at <= ${before} order by created_at`),
}

/** Counts what `clear` would delete, up to `max`. */
export function countEnded(
  dialect: Dialect,
  { state, olderThanMs, max }: { state: EndedState; olderThanMs: number; max: number },
): Transition<Count> {
  return looking(dialect.bind(count[state], { age: -olderThanMs, max: max + 1 }), ({ rows }) =>
    readCount(rows[0]?.['count'], max),
  )
}

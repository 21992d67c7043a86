import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { ticks } from '../dialects/tables.ts'
import { looking, type Transition } from './transition.ts'

/** How long ago each actor ran, in milliseconds. Ticks write their time rarely, so it may be minutes too long. */
export type Actors = ReadonlyMap<string, number>

const overview = query((_, { msUntil }) => sql`select actor, -${msUntil(sql`last_run_at`)} as ms_ago from ${ticks}`)

/** Reads when the actors ran: `tick`, `dispatch`, `prune`, `maintain`, and `work:` with the name of each worker. */
export function listActors(dialect: Dialect): Transition<Actors> {
  return looking(
    dialect.bind(overview, {}),
    ({ rows }) => new Map(rows.map((row) => [String(row['actor']), Number(row['ms_ago'])])),
  )
}

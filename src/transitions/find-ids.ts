import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query } from '../dialects/query.ts'
import { jobs } from '../dialects/tables.ts'
import { looking, type Transition } from './transition.ts'

const between = query<{ first: string; last: string; max: number }>(
  ({ first, last, max }) => sql`select id from ${jobs} where id >= ${first} and id <= ${last} order by id limit ${max}`,
)

/** Reads: the ids of the stored jobs from one id to another, both included, in order, at most `max`. */
export function findIds(
  dialect: Dialect,
  range: { first: string; last: string; max: number },
): Transition<readonly string[]> {
  return looking(dialect.bind(between, range), ({ rows }) => rows.map((row) => String(row['id'])))
}

import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, type Row } from '../dialects/query.ts'
import { schema } from '../dialects/tables.ts'
import { looking, type Transition } from './transition.ts'

/** The version of the tables. */
export interface SchemaVersion {
  /** 0: the database has no schema. */
  readonly schemaVersion: number
  /** The oldest code version that the schema serves. */
  readonly servesFrom: number
}

/** The columns that `schemaOf` reads. */
export const schemaColumns = sql`(select max(version) from ${schema}) as schema_version,
  (select max(serves_from) from ${schema}) as serves_from`

export const schemaOf = (row: Row | undefined): SchemaVersion => ({
  schemaVersion: Number(row?.['schema_version'] ?? 0),
  servesFrom: Number(row?.['serves_from'] ?? 0),
})

const versions = query(() => sql`select ${schemaColumns}`)

/** Reads the row of the schema, and no other table, so that a role that may only enqueue can ask, too. */
export function readSchema(dialect: Dialect): Transition<SchemaVersion> {
  return looking(dialect.bind(versions, {}), ({ rows }) => schemaOf(rows[0]))
}

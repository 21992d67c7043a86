import type { DatabaseError, Driver } from './dialects/driver.ts'
import { QueueError } from './errors.ts'

/** The tables are missing, too old for this code, or too new. */
export class SchemaError extends QueueError {
  override readonly name = 'SchemaError'
  readonly code = 'SCHEMA_MISMATCH'
}

/** The error to show for a database failure: a missing table means that the tables were not created here. */
export function explainMissingTables(error: DatabaseError, { dialect, database, migratedBy }: Driver): Error {
  if (error.failure !== 'missing') return error
  const { schema, prefix } = dialect
  const where = `${schema === null ? '' : ` in the schema "${schema}"`}${prefix === '' ? '' : ` with the prefix "${prefix}"`}`
  return new SchemaError(`${database} has no tables of the queue${where}. Run \`${migratedBy}\`.`, { cause: error })
}

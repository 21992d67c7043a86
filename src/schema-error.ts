import type { DatabaseError, Driver } from './dialects/driver.ts'
import { QueueError } from './errors.ts'

/** The tables are missing, too old for this code, or too new. */
export class SchemaError extends QueueError {
  override readonly name = 'SchemaError'
  readonly code = 'SCHEMA_MISMATCH'
}

/** The error to show for a database failure: a missing table means that `migrate` has not run. */
export function explainMissingTables(error: DatabaseError, { dialect }: Driver): Error {
  return error.failure === 'missing'
    ? new SchemaError(
        `The database has no tables with the prefix "${dialect.prefix}"${dialect.schema ? ` in schema "${dialect.schema}"` : ''}. Run \`steadytick migrate\`.`,
        { cause: error },
      )
    : error
}

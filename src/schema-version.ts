import type { Driver } from './dialects/driver.ts'
import { DatabaseError } from './dialects/driver.ts'
import { QueueError } from './errors.ts'
import type { Deployment } from './recurring/deployment.ts'
import { look, type Look } from './transitions/look.ts'
import type { Runner } from './transitions/run.ts'

/** The schema that this code is written for: the newest migration. */
export const schemaVersion = 1

/** The tables are missing, too old for this code, or too new. */
export class SchemaError extends QueueError {
  override readonly name = 'SchemaError'
  readonly code = 'SCHEMA_MISMATCH'
}

/** @throws SchemaError when this code cannot work on that schema */
function checkSchema({ schemaVersion: version, servesFrom }: { schemaVersion: number; servesFrom: number }): void {
  if (version < schemaVersion)
    throw new SchemaError(
      `The database has schema ${version}, this code needs ${schemaVersion}. Run \`steadytick migrate\` before you deploy.`,
    )
  if (servesFrom > schemaVersion)
    throw new SchemaError(
      `The database has schema ${version}, which serves code of version ${servesFrom} or later; this code is version ${schemaVersion}. Deploy the newer code.`,
    )
}

/** The error to show for a database failure: a missing table means that nobody has migrated. */
export function explainMissingTables(error: unknown, { dialect }: Driver): unknown {
  const missing =
    error instanceof DatabaseError &&
    /no such table|relation ".*" does not exist|schema ".*" does not exist/.test(error.message)
  return missing
    ? new SchemaError(
        `The database has no tables with the prefix "${dialect.prefix}"${dialect.schema ? ` in schema "${dialect.schema}"` : ''}. Run \`steadytick migrate\`.`,
        { cause: error },
      )
    : error
}

/**
 * Looks for work of a deployment and of these of its workers, on a database that this code can work on.
 *
 * @throws SchemaError when the tables are missing, too old or too new
 */
export async function lookAround(
  driver: Driver,
  run: Runner['run'],
  deployment: Deployment,
  workers?: Parameters<typeof look>[2],
): Promise<Look> {
  const [seen] = await run(look(driver.dialect, deployment, workers))
  checkSchema(seen)
  return seen
}

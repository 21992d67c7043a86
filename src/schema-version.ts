import type { Driver } from './dialects/driver.ts'
import type { Deployment } from './recurring/deployment.ts'
import { SchemaError } from './schema-error.ts'
import { look, type Look } from './transitions/look.ts'
import { readSchema, type SchemaVersion } from './transitions/read-schema.ts'
import type { Runner } from './transitions/run.ts'

/** The schema that this code is written for: the newest migration. */
export const schemaVersion = 1

/** @throws SchemaError when this code cannot work on that schema */
function checkSchema({ database, migratedBy }: Driver, { schemaVersion: version, servesFrom }: SchemaVersion): void {
  if (version < schemaVersion)
    throw new SchemaError(
      `${database} has schema ${version}, this code needs ${schemaVersion}. Run \`${migratedBy}\` before you deploy.`,
    )
  if (servesFrom > schemaVersion)
    throw new SchemaError(
      `${database} has schema ${version}, which serves code of version ${servesFrom} or later; this code is version ${schemaVersion}. Deploy the newer code.`,
    )
}

/**
 * Asks whether this code can work on the database. Reads the row of the schema alone.
 *
 * @throws SchemaError when the tables are missing, too old or too new
 */
export async function requireSchema(driver: Driver, run: Runner['run']): Promise<SchemaVersion> {
  const found = await run(readSchema(driver.dialect))
  checkSchema(driver, found)
  return found
}

/**
 * Looks for work of a deployment and of some of its workers, on a database that this code can work on.
 *
 * @throws SchemaError when the tables are missing, too old or too new
 */
export async function lookForWork(
  driver: Driver,
  run: Runner['run'],
  deployment: Deployment,
  workers?: Parameters<typeof look>[2],
): Promise<Look> {
  const found = await run(look(driver.dialect, deployment, workers))
  checkSchema(driver, found)
  return found
}

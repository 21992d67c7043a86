import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseError, type Driver } from './dialects/driver.ts'
import type { Statement } from './dialects/query.ts'
import { runner } from './transitions/run.ts'
import { readSchema } from './transitions/read-schema.ts'
import { requireServer } from './server-version.ts'
import { SchemaError } from './schema-error.ts'

export interface Migration {
  readonly version: number
  /** File name, such as `0001_create_jobs.sql`. */
  readonly name: string
  /** The statements, with the driver's prefix. */
  readonly statements: readonly string[]
}

/** The migrations of a driver's dialect, oldest first. */
export function migrationsOf({ dialect }: Driver): Migration[] {
  const folder = new URL(`../migrations/${dialect.name}/`, import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      version: Number.parseInt(name, 10),
      name,
      statements: readFileSync(new URL(name, folder), 'utf8')
        .replaceAll(/--.*$/gm, '')
        .replaceAll('steadytick_', dialect.prefix)
        .split(/;\s*$/m)
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    }))
}

/** The schema of the database; 0 when it has none. */
export async function schemaVersionOf(driver: Driver): Promise<number> {
  try {
    const { schemaVersion } = await runner(driver).run(readSchema(driver.dialect))
    return schemaVersion
  } catch (error) {
    if (error instanceof SchemaError) return 0
    throw error
  }
}

/**
 * Brings the tables up to date; a missing SQLite file is made. Each migration is one batch, which writes its version
 * under a primary key: when two processes migrate at once, it is applied once. Returns the names of the migrations that
 * this call applied.
 *
 * @throws SchemaError when a table of the same name exists that is not ours, or the schema is missing and may not be
 *   created; ConfigurationError when the server is too old
 */
export async function migrate(driver: Driver): Promise<string[]> {
  await driver.create?.()
  // SQLite comes with its driver or platform, so its version is not asked; D1 would not even tell it.
  if (driver.dialect.name === 'postgres') await requireServer(driver)
  const creation = driver.dialect.name === 'postgres' ? await schemaCreation(driver) : null
  try {
    return await applyAll(driver, creation)
  } catch (error) {
    throw error instanceof DatabaseError && isForbidden(error) && creation ? creation.explain(error) : error
  }
}

async function applyAll(driver: Driver, creation: SchemaCreation | null): Promise<string[]> {
  const before = await schemaVersionOf(driver)
  const applied: string[] = []
  for (const { version, name, statements } of migrationsOf(driver)) {
    if (version <= before) continue
    try {
      await runner(driver).run({
        locks: [],
        statements: [...preparation(driver, creation), ...statements.map((sql) => ({ sql, parameters: [] }))],
        // A migration that is sent again after it was applied fails by its version.
        idempotent: true,
        read: () => undefined,
      })
      applied.push(name)
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
      if ((await schemaVersionOf(driver)) >= version) continue
      if (error.failure === 'exists')
        throw new SchemaError(
          `${error.message}. It is not Steadytick's: choose another prefix than "${driver.dialect.prefix}".`,
          { cause: error },
        )
      throw error
    }
  }
  return applied
}

interface SchemaCreation {
  /** Null: the schema exists. */
  readonly statement: Statement | null
  /** The error when the role may not create the schema, or tables in it. */
  explain(cause: DatabaseError): SchemaError
}

/**
 * The statement that creates the schema. Postgres asks for the right to create a schema before it looks whether the
 * schema exists, so an owner of the schema who may create no other could not migrate.
 */
async function schemaCreation({ dialect: { schema: named }, batch }: Driver): Promise<SchemaCreation> {
  const [answer] = await batch([
    {
      sql: `select current_user::text as role, coalesce($1, current_schema())::text as schema,
        exists (select 1 from pg_namespace where nspname = coalesce($1, current_schema())) as there`,
      parameters: [named],
    },
  ])
  const { role, schema, there } = answer?.rows[0] ?? {}
  const [quotedRole, quotedSchema] = [role, schema].map((name) => `"${String(name).replaceAll('"', '""')}"`)
  const ways =
    there === true
      ? `The role ${quotedRole} may not create tables in the schema ${quotedSchema}. An administrator runs: ` +
        `grant usage, create on schema ${quotedSchema} to ${quotedRole}; or gives it a schema of its own.`
      : `There is no schema ${quotedSchema}, and the role ${quotedRole} may not create it. An administrator runs: ` +
        `create schema ${quotedSchema} authorization ${quotedRole}; then migrate again.`
  return {
    statement:
      there === true || named === null ? null : { sql: `create schema if not exists ${quotedSchema}`, parameters: [] },
    explain: (cause) => new SchemaError(ways, { cause }),
  }
}

/** insufficient_privilege */
const isForbidden = ({ cause }: DatabaseError): boolean => (cause as { code?: unknown } | null)?.code === '42501'

/**
 * Postgres: two batches that create the same table at once fail in its catalogue, so the second one waits for the
 * first.
 */
function preparation({ dialect: { name, schema } }: Driver, creation: SchemaCreation | null): Statement[] {
  if (name !== 'postgres') return []
  return [
    { sql: `select pg_advisory_xact_lock(hashtext('steadytick migrate'))`, parameters: [] },
    ...(creation?.statement ? [creation.statement] : []),
    ...(schema === null ? [] : [{ sql: `set local search_path to "${schema}"`, parameters: [] }]),
  ]
}

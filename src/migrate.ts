import { readdirSync, readFileSync } from 'node:fs'
import type { Dialect } from './dialects/dialect.ts'
import { type DatabaseError, type Driver, isDatabaseError } from './dialects/driver.ts'
import type { Statement } from './dialects/query.ts'
import { runner } from './transitions/run.ts'
import { readSchema } from './transitions/read-schema.ts'
import { requireServer } from './server-version.ts'
import { SchemaError } from './schema-error.ts'

export interface Migration {
  readonly version: number
  /** File name, such as `0001_create_jobs.sql`. */
  readonly name: string
  /** The statements, for the driver's schema and prefix. */
  readonly statements: readonly string[]
}

/** The migrations of a dialect, oldest first. */
export function migrationsOf(dialect: Dialect): Migration[] {
  const folder = new URL(`../migrations/${dialect.name}/`, import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      version: Number.parseInt(name, 10),
      name,
      statements: named(dialect, readFileSync(new URL(name, folder), 'utf8').replaceAll(/--.*$/gm, ''))
        .split(/;\s*$/m)
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    }))
}

/** A migration for the schema and the prefix of a dialect. An index is in the schema of its table, and names none. */
function named({ schema, prefix }: Dialect, text: string): string {
  if (schema === null) return text.replaceAll('steadytick_', prefix)
  return text
    .replaceAll(/\bsteadytick\b(\.?)/g, (_, dot: string) => `"${schema}"${dot && `.${prefix}`}`)
    .replaceAll(/^create index /gm, `create index ${prefix}`)
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
  await requireServer(driver)
  try {
    return await applyAll(driver)
  } catch (error) {
    throw isDatabaseError(error) && isForbidden(error) ? await explainRights(driver, error) : error
  }
}

async function applyAll(driver: Driver): Promise<string[]> {
  const before = await schemaVersionOf(driver)
  const applied: string[] = []
  for (const { version, name, statements } of migrationsOf(driver.dialect)) {
    if (version <= before) continue
    try {
      await runner(driver).run({
        locks: [],
        statements: [...preparation(driver), ...statements.map((sql) => ({ sql, parameters: [] }))],
        // A migration that is sent again after it was applied fails by its version.
        idempotent: true,
        read: () => undefined,
      })
      applied.push(name)
    } catch (error) {
      if (!isDatabaseError(error)) throw error
      if ((await schemaVersionOf(driver)) >= version) continue
      if (error.failure === 'exists')
        throw new SchemaError(
          `${driver.database}: ${error.message}. It is not Steadytick's: choose another ${driver.dialect.schema === null ? '' : 'schema or '}prefix.`,
          { cause: error },
        )
      throw error
    }
  }
  return applied
}

/** The error for a role that may not create the schema, or tables in it: it has the statement that gives the right. */
async function explainRights(
  { dialect: { schema }, database, batch }: Driver,
  cause: DatabaseError,
): Promise<SchemaError> {
  const [answer] = await batch([
    {
      sql: `select quote_ident(current_user) as role, exists (select 1 from pg_namespace where nspname = $1) as there`,
      parameters: [schema],
    },
  ])
  const { role, there } = answer?.rows[0] ?? {}
  return new SchemaError(
    there === true
      ? `${database}: the role ${role} may not create tables in the schema "${schema}". An administrator runs: ` +
          `grant usage, create on schema "${schema}" to ${role}; or gives it a schema of its own.`
      : `${database} has no schema "${schema}", and the role ${role} may not create it. An administrator runs: ` +
          `create schema "${schema}" authorization ${role}; then migrate again.`,
    { cause },
  )
}

/** insufficient_privilege */
const isForbidden = ({ cause }: DatabaseError): boolean => (cause as { code?: unknown } | null)?.code === '42501'

/**
 * Postgres: two batches that create the same table at once fail in its catalogue, so the second one waits for the
 * first.
 */
const preparation = ({ dialect: { name } }: Driver): Statement[] =>
  name === 'postgres' ? [{ sql: `select pg_advisory_xact_lock(hashtext('steadytick migrate'))`, parameters: [] }] : []

import type { DialectOptions } from '../dialects/dialect.ts'
import { DatabaseError, type Driver, type Failure } from '../dialects/driver.ts'
import type { Row } from '../dialects/query.ts'
import { tableFailureOf } from '../dialects/sqlite/table-failure.ts'
import { MissingBindingError } from '../errors.ts'
import { sqlite as sqliteDialect } from '../dialects/sqlite/index.ts'
import type { PreparedStatement } from '../job/prepared.ts'

/** The part of a D1 binding that the driver uses. */
export interface D1Binding {
  prepare(sql: string): D1Statement
  batch(statements: D1Statement[]): Promise<readonly D1Answer[]>
}

interface D1Statement {
  bind(...values: unknown[]): D1Statement
}

interface D1Answer {
  readonly results?: unknown[]
  readonly meta?: { readonly changes?: number }
}

/**
 * Cloudflare D1 through a Worker's binding. D1 runs a batch as one transaction, and batches one after the other.
 *
 * @throws MissingBindingError when there is no binding, as outside of a Worker
 */
export function d1(database: D1Binding, options?: Omit<DialectOptions, 'schema'>): Driver {
  // `env` is typed by hand, but its bindings come from wrangler.toml.
  if ((database as D1Binding | undefined) === undefined)
    throw new MissingBindingError(
      'd1() was given no binding. Name it in wrangler.toml; outside of a Worker there is none.',
    )
  return {
    dialect: sqliteDialect(options),
    database: 'D1',
    migratedBy: 'wrangler d1 migrations apply',
    async batch(statements) {
      try {
        const answers = await database.batch(d1Statements(database, statements))
        return answers.map(({ results = [], meta }) => ({
          rows: results as Row[],
          affected: meta?.changes ?? results.length,
        }))
      } catch (error) {
        throw new DatabaseError(classify(error), error)
      }
    },
    // The binding belongs to the Worker.
    async close() {},
  }
}

/**
 * The statements of `prepare`, for a batch of your own.
 *
 * @example
 * const { statements } = queue.prepare(greet, { name: 'Ada' })
 * await env.DB.batch([insertUser, ...d1Statements(env.DB, statements)])
 */
export function d1Statements<Bound>(
  database: { prepare(sql: string): { bind(...values: unknown[]): Bound } },
  statements: readonly PreparedStatement[],
): Bound[] {
  return statements.map(({ sql, parameters }) => database.prepare(sql).bind(...parameters))
}

/**
 * D1 has no error codes, only text. The text of an error of SQLite begins with its code; all other errors come from the
 * way to the database.
 * https://developers.cloudflare.com/d1/observability/debug-d1/
 */
function classify(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (/UNIQUE constraint failed|SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)/.test(message)) return 'duplicate'
  if (/SQLITE_(BUSY|LOCKED|FULL)|database is locked|overloaded|too many requests queued|maximum DB size/i.test(message))
    return 'retryable'
  const ofTable = tableFailureOf(error)
  if (ofTable) return ofTable
  if (/SQLITE_|D1_TYPE_ERROR|syntax error|no such column|too many SQL variables|constraint failed/i.test(message))
    return 'other'
  return 'unknown'
}

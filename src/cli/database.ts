import { DatabaseError } from '../dialects/driver.ts'
import { MissingBindingError } from '../errors.ts'
import type { Connection } from '../connection.ts'
import { SchemaError } from '../schema-error.ts'
import type { Config, Environment } from './config.ts'
import { UsageError } from './usage-error.ts'

export interface Database {
  readonly connection: Connection
  /** The database, without its password, and the setting that chose it. */
  readonly label: string
}

const standard = '.steadytick/queue.db'

/**
 * Opens the database, of the first of these that is given: the config's own `connect`; `DATABASE_URL` (`file:…` is
 * SQLite, a path relative to this folder; `postgres://…` is Postgres); the queue's `connect`. Where there is no config,
 * or `connect` needs a Worker's binding: SQLite in `.steadytick/queue.db`.
 *
 * @param config null: there is none
 * @throws UsageError when `DATABASE_URL` has another scheme, or `connect` gives no connection
 */
export async function openDatabase(config: Config | null, env: Environment): Promise<Database> {
  if (config?.connect) return connected(config.connect, env, 'the `connect` of the config')
  const url = env['DATABASE_URL']
  if (url !== undefined && url !== '') return named(url)
  if (config === null) return sqliteIn(standard, 'DATABASE_URL is not set')
  try {
    return connected(config.jobs.connect as NonNullable<Config['connect']>, env, 'the `connect` of defineQueue()')
  } catch (error) {
    if (!(error instanceof UsageError && error.cause instanceof MissingBindingError)) throw error
    return sqliteIn(standard, "DATABASE_URL is not set, and the `connect` of defineQueue() needs a Worker's binding")
  }
}

function connected(connect: NonNullable<Config['connect']>, env: Environment, from: string): Database {
  try {
    const connection = connect(env)
    return { connection, label: `${connection.driver.dialect.name} (by ${from})` }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      `${from} gives no connection here: ${why}\nSet what it reads from the environment; or set DATABASE_URL (file:… or postgres://…), which the command line prefers to the \`connect\` of defineQueue().`,
      { cause: error },
    )
  }
}

async function named(url: string): Promise<Database> {
  const from = 'DATABASE_URL'
  if (url.startsWith('file:')) return sqliteIn(pathOf(url), from)
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { host, pathname } = parseUrl(url)
    const { pg } = await import('../drivers/pg.ts').catch(sayWhatIsMissing)
    return { connection: { driver: pg(url) }, label: `Postgres ${host}${pathname} (by ${from})` }
  }
  // The rest of the URL may hold a password, so only the scheme is shown.
  const [scheme = ''] = /^[a-z]*/i.exec(url) ?? []
  throw new UsageError(
    `DATABASE_URL begins with "${scheme}", which is not known here. Use file:… (SQLite) or postgres://….`,
  )
}

async function sqliteIn(path: string, why: string): Promise<Database> {
  const { sqlite } = await import('../drivers/sqlite.ts')
  const from = why === 'DATABASE_URL' ? `by ${why}` : `since ${why}`
  return { connection: { driver: sqlite(path) }, label: `SQLite ${path} (${from})` }
}

/** The package of a driver is the user's to install. */
function sayWhatIsMissing(error: unknown): never {
  if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new UsageError('DATABASE_URL is a Postgres, which takes the package pg: npm install pg')
}

/** An empty path would be a database that is gone when the process ends; the part after a `?` may be a secret. */
function pathOf(url: string): string {
  const encoded = url.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
  try {
    const path = decodeURIComponent(encoded)
    if (path !== '' && !/[?#]/.test(encoded)) return path
  } catch {
    // A % that escapes nothing.
  }
  throw new UsageError(
    'DATABASE_URL begins with "file:", and names no file. Write file:path/to/queue.db; in a path, % is %25, ? is %3F, # is %23.',
  )
}

/** A URL may hold a password, so an error must not repeat it. */
function parseUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new UsageError(
    'DATABASE_URL is no valid URL. Write postgres://user:password@host:5432/database, and escape what is special.',
  )
}

/** The database does not answer, or its file does not exist. */
export class AwayError extends Error {
  override readonly name = 'AwayError'
}

/**
 * Runs a function that uses a database.
 *
 * @throws AwayError or SchemaError, which name the database
 */
export async function using<T>({ label, connection }: Database, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    if (error instanceof SchemaError) throw new SchemaError(`${label}: ${error.message}`, { cause: error })
    if (!(error instanceof DatabaseError) || error.failure !== 'unreachable') throw error
    const wayOut = connection.driver.dialect.name === 'postgres' ? '\nDoes it run, and is that its address?' : ''
    throw new AwayError(`${label}: ${error.message}${wayOut}`, { cause: error })
  }
}

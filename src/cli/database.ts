import { DatabaseError, type Driver } from '../dialects/driver.ts'
import { isSteadytickError } from '../is-steadytick-error.ts'
import type { Connection } from '../connection.ts'
import { type Config, configNames, type Environment } from './config.ts'
import { UsageError } from './usage-error.ts'

export interface Database {
  readonly connection: Connection
  /** The database, without its password, and the setting that chose it. */
  readonly label: string
}

/**
 * Opens the database that the queue opens: by the `connect` of the config where it has one, else by the `connect` of
 * the queue. Where there is no config, by `DATABASE_URL`: `file:…` is SQLite, a path relative to this folder;
 * `postgres://…` is Postgres.
 *
 * @param config null: there is none
 * @throws UsageError when `connect` gives no connection, or there is neither a config nor a `DATABASE_URL` that can be
 *   used
 */
export async function openDatabase(config: Config | null, env: Environment): Promise<Database> {
  if (config === null) return labelled({ driver: await driverOf(env['DATABASE_URL']) }, 'DATABASE_URL')
  const [connect, from] = config.connect
    ? [config.connect, 'the `connect` of the config']
    : [config.jobs.connect as NonNullable<Config['connect']>, 'the `connect` of defineQueue()']
  try {
    return labelled(await connect(env), from)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const wayOut = isSteadytickError(error, 'BINDING_MISSING')
      ? bindingsAreMissing
      : 'Set what it reads from the environment.'
    throw new UsageError(`${from} gives no connection here: ${why}\n${wayOut}`, { cause: error })
  }
}

const labelled = (connection: Connection, from: string): Database => ({
  connection,
  label: `${connection.driver.database} (by ${from})`,
})

const bindingsAreMissing = `Give the config a \`connect\`. For D1, with getPlatformProxy of wrangler:
  connect: async () => ({ driver: d1((await getPlatformProxy<Env>()).env.DB) })
For a file of this machine:
  connect: () => ({ driver: sqlite('.steadytick/queue.db') })`

async function driverOf(url: string | undefined): Promise<Driver> {
  if (url === undefined || url === '')
    throw new UsageError(
      `There is no ${configNames[0]} here, and DATABASE_URL is not set. Go to the folder of the config, give --config, or set DATABASE_URL (file:… or postgres://…).`,
    )
  if (url.startsWith('file:')) {
    const { sqlite } = await import('../drivers/sqlite.ts')
    return sqlite(pathOf(url))
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    requireUrl(url)
    const { pg } = await import('../drivers/pg.ts').catch(sayWhatIsMissing)
    return pg(url)
  }
  // The rest of the URL may hold a password, so only the scheme is shown.
  const [scheme = ''] = /^[a-z]*/i.exec(url) ?? []
  throw new UsageError(
    `DATABASE_URL begins with "${scheme}", which is not known here. Use file:… (SQLite) or postgres://….`,
  )
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
function requireUrl(text: string): void {
  if (URL.canParse(text)) return
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
 * @throws AwayError, which names the database
 */
export async function using<T>({ label, connection }: Database, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.failure !== 'unreachable') throw error
    const wayOut = connection.driver.dialect.name === 'postgres' ? '\nDoes it run, and is that its address?' : ''
    throw new AwayError(`${label}: ${error.message}${wayOut}`, { cause: error })
  }
}

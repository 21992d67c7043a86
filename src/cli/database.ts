import { isDatabaseError } from '../dialects/driver.ts'
import { isSteadytickError } from '../is-steadytick-error.ts'
import type { Connection } from '../connection.ts'
import type { Config, Environment } from './config.ts'
import { driverByUrl } from './database-url.ts'
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
  if (config === null) return labelled({ driver: await driverByUrl(env['DATABASE_URL']) }, 'DATABASE_URL')
  const [connect, from] = config.connect
    ? [config.connect, 'the `connect` of the config']
    : [config.jobs.connect as NonNullable<Config['connect']>, 'the `connect` of defineQueue()']
  try {
    return labelled(await quietly(() => connect(env)), from)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const wayOut =
      isSteadytickError(error, 'BINDING_MISSING') && !config.connect
        ? bindingsAreMissing
        : 'Set what it reads from the environment.'
    throw new UsageError(`${from} gives no connection here: ${why}\n${wayOut}`, { cause: error })
  }
}

/** Has what a function prints go to standard error: standard output is a command's own, perhaps JSON for a program. */
async function quietly<T>(act: () => T | Promise<T>): Promise<T> {
  const { write } = process.stdout
  process.stdout.write = process.stderr.write.bind(process.stderr)
  try {
    return await act()
  } finally {
    process.stdout.write = write
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
    if (!isDatabaseError(error) || error.failure !== 'unreachable') throw error
    const wayOut = connection.driver.dialect.name === 'postgres' ? '\nDoes it run, and is that its address?' : ''
    throw new AwayError(`${label}: ${error.message}${wayOut}`, { cause: error })
  }
}

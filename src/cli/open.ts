import type { Nudge } from '../job/nudge.ts'
import type { Queue } from '../queue.ts'
import { SchemaError } from '../schema-version.ts'
import type { Settings } from '../settings.ts'
import type { CommandOptions } from './command.ts'
import { type Config, findConfig, loadConfig } from './config.ts'
import { type Database, openDatabase } from './database.ts'

/** The queue of the config, on its database, able to perform. */
export interface Opened {
  readonly queue: Queue
  readonly config: Config
  readonly settings: Settings
  readonly database: Database
  /** Resolves when the nudges that were begun are sent. */
  nudged(): Promise<void>
}

/** Opens the queue of the config. Close it. */
export async function openQueue({ config: path }: CommandOptions, nudge?: Nudge): Promise<Opened> {
  const config = await loadConfig(path)
  const database = await databaseOf(config)
  const pending = new Set<Promise<unknown>>()
  const waitUntil = (promise: Promise<unknown>) => {
    pending.add(promise)
    void promise.finally(() => pending.delete(promise))
  }
  const queue = config.jobs.attach(
    { ...database.connection, ...(nudge ? { nudge } : {}) },
    { perform: config.perform, ctx: { waitUntil } },
  )
  const nudged = async () => void (await Promise.all(pending))
  return { queue, config, settings: config.jobs.settings, database, nudged }
}

/**
 * Does something with the queue of the config, and closes it.
 *
 * @throws SchemaError, which names the database, when its tables are missing, or are not those of this code
 */
export async function withQueue<T>(options: CommandOptions, use: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = await openQueue(options)
  try {
    await opened.queue.check()
    const value = await use(opened)
    await opened.nudged()
    return value
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    throw new SchemaError(`${opened.database.label}: ${error.message}`, { cause: error })
  } finally {
    await opened.queue.close()
  }
}

/** The database alone: a config is used where there is one, for its `connect`. */
export async function openDatabaseOnly({ config: path }: CommandOptions): Promise<Database> {
  return databaseOf(findConfig(path) === null ? null : await loadConfig(path))
}

async function databaseOf(config: Config | null): Promise<Database> {
  if (!config?.connect) return openDatabase(process.env['DATABASE_URL'])
  const connection = config.connect(process.env)
  return { connection, label: connection.driver.dialect.name }
}

import type { Nudge } from '../job/nudge.ts'
import type { Queue } from '../queue.ts'
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
}

/** Opens the queue of the config. Close it. */
export async function openQueue({ config: path }: CommandOptions, nudge?: Nudge): Promise<Opened> {
  const config = await loadConfig(path)
  const database = await databaseOf(config)
  const queue = config.jobs.attach({ ...database.connection, ...(nudge ? { nudge } : {}) }, { perform: config.perform })
  return { queue, config, settings: config.jobs.settings, database }
}

/**
 * Does something with the queue of the config, and closes it.
 *
 * @throws SchemaError when its tables are missing, or are not those of this code
 */
export async function withQueue<T>(options: CommandOptions, use: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = await openQueue(options)
  try {
    await opened.queue.check()
    return await use(opened)
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

import type { Nudge } from '../job/nudge.ts'
import type { Queue } from '../queue.ts'
import type { Settings } from '../settings.ts'
import { type Config, findConfig, loadConfig } from './config.ts'
import { type Database, openDatabase } from './database.ts'

export interface CommandOptions {
  /** Path of the config. */
  readonly config?: string
}

/** The queue of the config, on its database, able to perform. Close it. */
export async function openQueue(
  { config: path }: CommandOptions,
  nudge?: Nudge,
): Promise<{ queue: Queue; config: Config; settings: Settings; database: Database }> {
  const config = await loadConfig(path)
  const database = await databaseOf(config)
  const queue = config.jobs.attach({ ...database.connection, ...(nudge ? { nudge } : {}) }, { perform: config.perform })
  return { queue, config, settings: config.jobs.settings, database }
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

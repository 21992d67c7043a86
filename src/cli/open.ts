import type { Logger } from '../events.ts'
import { Queue } from '../queue.ts'
import { checkSchedules } from '../recurring/schedule.ts'
import type { Settings } from '../settings.ts'
import type { CommandOptions } from './command.ts'
import { type Config, findConfig, loadConfig } from './config.ts'
import { type Database, openDatabase, using } from './database.ts'

/** The queue of the config, on its database, able to perform. */
export interface Opened {
  readonly queue: Queue
  readonly config: Config
  readonly settings: Settings
  readonly database: Database
  /** Resolves when all begun nudges are sent. */
  nudged(): Promise<void>
}

/**
 * Opens the queue of the config. Close it.
 *
 * @param logger used where the definition has none
 * @throws ConfigurationError when the schedule of a recurring task never comes
 */
export async function openQueue(
  { config: path }: CommandOptions,
  { logger }: { logger?: Logger } = {},
): Promise<Opened> {
  const config = await loadConfig(path)
  const database = await openDatabase(config, process.env)
  const pending = new Set<Promise<unknown>>()
  const waitUntil = (promise: Promise<unknown>) => {
    pending.add(promise)
    void promise.finally(() => pending.delete(promise))
  }
  const { jobs, perform } = config
  const queue = new Queue(jobs['~parts'](database.connection, { perform, ctx: { waitUntil }, logger }))
  checkSchedules(queue['~core'].deployment.tasks)
  const nudged = async () => void (await Promise.all(pending))
  return { queue, config, settings: config.jobs.settings, database, nudged }
}

/**
 * Uses the queue of the config, and closes it.
 *
 * @throws SchemaError when its tables are missing, or are not those of this code; AwayError when the database does not
 *   answer
 */
export async function withQueue<T>(options: CommandOptions, use: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = await openQueue(options)
  try {
    return await using(opened.database, async () => {
      await opened.queue.check()
      const value = await use(opened)
      await opened.nudged()
      return value
    })
  } finally {
    await opened.queue.close()
  }
}

/** Opens the database alone. A config is optional here; where there is one, it says how to connect. */
export async function openDatabaseOnly({ config: path }: CommandOptions): Promise<Database> {
  return openDatabase(findConfig(path) === null ? null : await loadConfig(path), process.env)
}

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMarked } from '../errors.ts'
import type { Performer, Task } from '../job/contract.ts'
import type { QueueDefinition } from '../definition.ts'
import type { PerformOption } from '../performers.ts'
import type { Connection } from '../connection.ts'
import { UsageError } from './usage-error.ts'

/** The environment variables that `connect` is given. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The config of the command line. */
export interface Config {
  readonly jobs: Pick<QueueDefinition, 'tasks' | 'queues' | 'settings' | 'logger' | '~parts' | 'connect'>
  /** Default: none; every task has its own handler. */
  readonly perform?: readonly Performer[] | undefined
  /**
   * Opens the database of the command line. Default: the `connect` of the queue, with `process.env`. Give it where that
   * takes bindings, which only a Worker has.
   */
  readonly connect?: ((env: Environment) => Connection | Promise<Connection>) | undefined
}

/**
 * Describes the queue to the `steadytick` command: the default export of `steadytick.config.ts`.
 *
 * @example
 * export default defineConfig({ jobs, perform: [performDeliver] })
 */
export function defineConfig<Tasks extends readonly Task[], const Given extends readonly Performer[] = readonly []>(
  config: {
    jobs: Pick<QueueDefinition<Tasks>, 'tasks' | 'queues' | 'settings' | 'logger' | '~parts' | 'connect' | '~tasks'>
    connect?: Config['connect'] | undefined
  } & PerformOption<Tasks, Given>,
): Config {
  return config
}

/** The names under which a config is looked for, the first one first. */
export const configNames = ['steadytick.config.ts', 'steadytick.config.js', 'steadytick.config.mjs']

/** The path of the config; null when there is none. @throws UsageError when a file that was asked for is missing */
export function findConfig(path: string | undefined): string | null {
  if (path === undefined) return configNames.map((name) => resolve(name)).find((file) => existsSync(file)) ?? null
  if (existsSync(path)) return resolve(path)
  throw new UsageError(`There is no file ${path}.`)
}

/** @throws UsageError when there is no config, or the file exports none */
export async function loadConfig(path: string | undefined): Promise<Config> {
  const file = findConfig(path)
  if (file === null)
    throw new UsageError(
      `There is no ${configNames[0]} here. Write one that exports defineConfig({ jobs, perform }), or give --config.`,
    )
  const { default: config } = await importOf(file)
  if (typeof config?.jobs?.['~parts'] !== 'function' || !Array.isArray(config.perform ?? []))
    throw new UsageError(`${file} exports no config. Its default export is defineConfig({ jobs, perform }).`)
  return config as Config
}

/** Imports the config. A failure is its author's to repair: a syntax error, a missing import, an old Node. */
async function importOf(file: string): Promise<{ default?: Partial<Config> }> {
  try {
    return (await import(pathToFileURL(file).href)) as { default?: Partial<Config> }
  } catch (error) {
    if (isMarked(error)) throw error
    const { code, message, stack } = error as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UsageError(`${file} is TypeScript, which Node reads from 22.18 on; this is ${process.version}.`, {
        cause: error,
      })
    const where = /^\s+at .*$/m.exec(stack ?? '')?.[0]?.trim()
    throw new UsageError(`${file} cannot be loaded: ${message}${where === undefined ? '' : ` (${where})`}`, {
      cause: error,
    })
  }
}

/** Tasks that have no performer in this config. */
export const unperformed = ({ jobs, perform = [] }: Config): string[] =>
  [...jobs.tasks.values()].flatMap(({ name, run }) =>
    run || perform.some(({ task: taskName }) => taskName === name) ? [] : [name],
  )

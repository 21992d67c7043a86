import { onTestFinished } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, type Hooks, type Logger, type Model, type Queue, type Task } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import type { SettingsOptions } from '../../src/settings.ts'
import type { OpenDatabase } from './databases.ts'
import { silent } from './silent.ts'
import { careful, deaf, endless, flaky, greet, hopeless } from './tasks.ts'

export { silent }

export interface Opened {
  readonly queue: Queue
  readonly driver: Driver
  /** Moves the clock of the database, which stands still otherwise. */
  advance(ms: number): void
}

/** Opens a queue on fresh tables, with a clock of its own; closed when the test ends. */
export async function openQueue(
  database: OpenDatabase,
  {
    tasks = [],
    models = [],
    on = {},
    logger = silent,
    ...settings
  }: SettingsOptions & { tasks?: readonly Task[]; models?: readonly Model[]; on?: Hooks; logger?: Logger } = {},
): Promise<Opened> {
  let now = Date.UTC(2026, 0, 1)
  const driver = database({ clock: () => now })
  onTestFinished(() => driver.close())
  await migrate(driver)
  const jobs = defineQueue({
    tasks: [greet, flaky, hopeless, endless, deaf, careful, ...tasks],
    connect: () => ({ driver }),
    logger,
    models,
    on,
    ...settings,
  })
  return {
    driver,
    queue: jobs.open(),
    advance: (ms) => {
      now += ms
    },
  }
}

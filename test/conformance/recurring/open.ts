import type { Driver } from '../../../src/dialects/driver.ts'
import { type Connection, defineQueue, type Logger, type Queue, type Task, task } from '../../../src/index.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { openQueue, silent } from '../../support/open-queue.ts'
import { greet } from '../../support/tasks.ts'
import { manage, type RecurringChanges } from '../../../src/manage/index.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

export const report = task('report', { queue: 'reports', priority: 5, run: () => 'done' })

export class Account {
  readonly id: number

  constructor(id: number) {
    this.id = id
  }
}

type Definitions = Readonly<Record<string, RecurringChanges>>

/** The clock begins at 2026-01-01T00:00Z. */
interface Scheduled {
  readonly driver: Driver
  wait(ms: number): void
  /** What a deployment with these recurring tasks opens. */
  deploy(definitions: Definitions, options?: { tasks?: readonly Task[]; logger?: Logger; driver?: Driver }): Queue
}

export async function open(database: OpenDatabase): Promise<Scheduled> {
  const { driver, advance: wait } = await openQueue(database)
  return {
    driver,
    wait,
    deploy(definitions, { tasks = [report, greet], logger = silent, driver: through = driver } = {}) {
      const connection: Connection = { driver: through }
      return defineQueue({
        tasks,
        recurring: definitions as Record<string, never>,
        logger,
        connect: () => connection,
      }).open()
    },
  }
}

/** The jobs that are ready, as their occurrences were to run: `task@instant`. */
export async function readyOf(queue: Queue): Promise<string[]> {
  const { items: jobs } = await manage(queue).jobs.list({ state: 'ready' }, { limit: 1000 })
  return jobs
    .map(({ task: taskName, scheduledAt }) => `${taskName}@${scheduledAt.toISOString().slice(0, 16)}`)
    .toSorted()
}

export async function statesOf(queue: Queue): Promise<Record<string, string>> {
  const listed = (await manage(queue).recurring.list()).items
  return Object.fromEntries(
    listed.map(({ key, enabled, removedAt, nextRunAt }) => [
      key,
      removedAt ? 'removed' : enabled ? (nextRunAt?.toISOString().slice(0, 16) ?? 'never') : 'disabled',
    ]),
  )
}

export const hourly = { task: report, schedule: '0 * * * *' }

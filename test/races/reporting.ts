import type { Driver } from '../../src/dialects/driver.ts'
import { type CatchUp, defineQueue, type Queue, task } from '../../src/index.ts'
import { silent } from '../support/silent.ts'

// The queue of a race of schedule ticks. The processes of the SQLite races open it too, so there is no vitest here.

export const report = task('report', { run: () => {} })

interface Schedule {
  readonly schedule: string
  readonly timeZone?: string
  readonly catchUp?: CatchUp
}

/** A queue on a connection, whose recurring tasks report: key → schedule. */
export function reportingOn(driver: Driver, schedules: Readonly<Record<string, Schedule>>): Queue {
  return defineQueue({
    tasks: [report],
    recurring: Object.fromEntries(Object.entries(schedules).map(([key, set]) => [key, { task: report, ...set }])),
    connect: () => ({ driver }),
    logger: silent,
  }).open()
}

/** Two recurring tasks of each minute. */
export const minutely = { a: { schedule: '* * * * *' }, b: { schedule: '* * * * *' } }

import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, type Queue, task } from '../../src/index.ts'

const report = task('report', { run: () => {} })

/** A queue on a connection, with two recurring tasks of each minute: `a` and `b`. */
export function reportingOn(driver: Driver): Queue {
  return defineQueue({
    tasks: [report],
    recurring: { a: { task: report, schedule: '* * * * *' }, b: { task: report, schedule: '* * * * *' } },
    connect: () => ({ driver }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  }).attach({ driver })
}

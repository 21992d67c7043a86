import { onTestFinished } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, fixed, type Hooks, type Queue, task } from '../../src/index.ts'
import type { Handler } from '../../src/job/contract.ts'
import { migrate } from '../../src/migrate.ts'
import type { WorkerOptions } from '../../src/settings.ts'
import { newSchema } from '../support/databases.ts'
import { silent } from '../support/open-queue.ts'
import { rowsOf } from '../support/tables.ts'

/** Opens one of the drivers of a race. `schema` is a name that tells its tables from those of other races. */
export type Connect = (options: { schema: string; clock: () => number }) => Driver

/** Drivers of their own on one set of fresh tables, each connected already: what they are told, they do at once. */
export async function openDrivers(connect: Connect, count: number, { migrated = true } = {}) {
  let now = Date.UTC(2026, 0, 1)
  const schema = newSchema()
  const drivers = Array.from({ length: count }, () => connect({ schema, clock: () => now }))
  onTestFinished(async () => {
    await Promise.all(drivers.map((driver) => driver.close()))
  })
  const [first] = drivers as [Driver]
  await first.create?.()
  await Promise.all(drivers.map((driver) => rowsOf(driver, 'select 1')))
  if (migrated) await migrate(first)
  return {
    drivers,
    first,
    advance: (ms: number) => {
      now += ms
    },
  }
}

/** A queue on a connection, whose one task does this. */
export function openQueue(
  driver: Driver,
  run: Handler<unknown, unknown> = () => {},
  { worker = {}, on = {}, maxAttempts = 1 }: { worker?: WorkerOptions; on?: Hooks; maxAttempts?: number } = {},
): { queue: Queue; racer: ReturnType<typeof racerOf> } {
  const racer = racerOf(run, maxAttempts)
  const queue = defineQueue({
    tasks: [racer],
    connect: () => ({ driver }),
    workers: { default: worker },
    logger: silent,
    on,
  }).attach({ driver })
  return { queue, racer }
}

const racerOf = (run: Handler<unknown, unknown>, maxAttempts: number) =>
  task('race', { maxAttempts, backoff: fixed(0), run })

/** Stores jobs; their ids, sorted. */
export async function enqueue(driver: Driver, count: number, { maxAttempts = 1 } = {}): Promise<string[]> {
  const { queue, racer } = openQueue(driver, () => {}, { maxAttempts })
  const jobs = await queue.enqueueAll(racer, Array.from({ length: count }, Object))
  return jobs.map(({ id }) => id).sort()
}

/** Opens when as many have come. */
export function rendezvous(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const here = new Set<unknown>()
  return (who: unknown): Promise<void> => {
    here.add(who)
    if (here.size === count) resolve()
    return promise
  }
}

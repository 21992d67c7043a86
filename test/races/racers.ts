import { onTestFinished } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { migrate } from '../../src/migrate.ts'
import { newSchema } from '../support/databases.ts'
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

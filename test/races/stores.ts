import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { migrate, migrationsOf, schemaVersionOf } from '../../src/migrate.ts'
import { schemaVersion } from '../../src/schema-version.ts'
import { faultsOf } from '../support/invariants.ts'
import { endsOf } from './outcomes.ts'
import { enqueue, openQueue } from './race-queue.ts'
import { type Connect, openDrivers } from './racers.ts'
import { tick, work } from '../../src/ticks/index.ts'

/** Races for what is stored first: the tables, and jobs of one id. */
export function storeRaces(connect: Connect): void {
  test('eight migrations at once apply each migration once', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const { drivers, first } = await openDrivers(connect, 8, { migrated: false })

      const applied = await Promise.all(drivers.map((driver) => migrate(driver)))

      expect(applied.flat().sort()).toEqual(migrationsOf(first.dialect).map(({ name }) => name))
      expect(await schemaVersionOf(first)).toBe(schemaVersion)
      const ids = await enqueue(first, 3)
      const reports = await Promise.all(drivers.map((driver) => tick(openQueue(driver).queue)))
      expect(reports.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(ids.length)
      expect(await faultsOf(first)).toEqual([])
    }
  })

  test('a batch of jobs that ten send at once is stored once, and all are told so', async () => {
    const { drivers, first } = await openDrivers(connect, 12)
    const ids = Array.from({ length: 500 }, () => uuidv7())
    const performed: string[] = []
    const workOn = (driver: Driver) => work(openQueue(driver, (_, { job }) => void performed.push(job.id)).queue)

    const [sent] = await Promise.all([
      Promise.all(
        drivers.slice(0, 10).map((driver) => {
          const { queue, racer } = openQueue(driver)
          return queue.enqueueAll(ids.map((id) => racer.using({ id }).call()))
        }),
      ),
      // Some of them are performed while others are still being sent.
      ...drivers.slice(10).map(workOn),
    ])
    await workOn(first)

    for (const enqueued of sent) {
      expect(enqueued.map(({ id }) => id)).toEqual(ids)
      expect(enqueued.filter(({ state }) => !['ready', 'claimed', 'finished'].includes(state))).toEqual([])
    }
    expect(performed.sort()).toEqual(ids)
    expect((await endsOf(first)).size).toBe(ids.length)
    expect(await faultsOf(first)).toEqual([])
  })
}

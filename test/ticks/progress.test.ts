import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { task } from '../../src/index.ts'
import { work } from '../../src/ticks/index.ts'
import { databases } from '../support/databases.ts'
import { counted } from '../support/flaky-driver.ts'
import { openQueue } from '../support/open-queue.ts'

test('progress is written at once and then each second, however often it is reported, and by however many jobs', async () => {
  const busy = task('busy', {
    run: async (_: number, { progress }) => {
      for (const end = Date.now() + 1200; Date.now() < end; await setTimeout(5)) progress(Date.now())
    },
  })
  const driver = counted(databases.sqlite({}))
  const { queue } = await openQueue(() => driver, { tasks: [busy] })
  await queue.enqueueAll(busy, [1, 2, 3])
  const before = driver.batches

  await work(queue)

  // The claim, the progress at once and after a second, the settlements, and the claim that finds no more.
  const spent = driver.batches - before
  expect(spent).toBeGreaterThanOrEqual(4)
  expect(spent).toBeLessThanOrEqual(8)
})

test('the progress of a job that ends in the same turn is written with its end', async () => {
  const quick = task('quick', {
    run: async (_: unknown, { progress }) => {
      await setTimeout(5)
      progress('half')
      await Promise.resolve()
      progress('whole')
    },
  })
  const driver = counted(databases.sqlite({}))
  const { queue } = await openQueue(() => driver, { tasks: [quick] })
  const { id } = await queue.enqueue(quick)
  const before = driver.batches

  await work(queue)

  expect(driver.batches - before).toBe(2)
  expect(await queue.find(id)).toMatchObject({ state: 'finished', progress: 'whole' })
})

test('a handler that goes on after its job has ended reports no progress', async () => {
  const zombie = task('zombie', {
    timeout: '20ms',
    run: async (_: unknown, { progress }) => {
      for (const end = Date.now() + 400; Date.now() < end; await setTimeout(1)) progress(Date.now())
    },
  })
  const patient = task('patient', { run: () => setTimeout(500) })
  const driver = counted(databases.sqlite({}))
  const { queue } = await openQueue(() => driver, {
    tasks: [zombie, patient],
    workers: { default: { pollInterval: '1m' } },
  })
  await queue.enqueueAll([zombie.call(), patient.call()])
  const before = driver.batches

  await work(queue, { linger: true, deadline: '5600ms' })

  expect(driver.batches - before).toBeLessThan(10)
})

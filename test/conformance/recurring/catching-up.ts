import { expect, test } from 'vitest'
import type { Driver } from '../../../src/dialects/driver.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { silent } from '../../support/open-queue.ts'
import { greet } from '../../support/tasks.ts'
import { hourly, hourMs, minuteMs, open, readyOf, report, statesOf } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { schedule, tick } from '../../../src/ticks/index.ts'

/** What becomes of occurrences that no tick came for in time. */
export function catchingUp(database: OpenDatabase): void {
  test.each([
    ['latest', ['03:00'], ['02:30']],
    ['all', ['01:00', '02:00', '03:00'], ['00:30', '01:30', '02:30']],
    ['none', ['03:00'], []],
  ] as const)('after an outage of three hours, catchUp: %s', async (catchUp, ofHourly, ofHalf) => {
    const { deploy, wait } = await open(database)
    const queue = deploy({
      hourly: { ...hourly, catchUp },
      half: { task: greet, payload: { name: 'Ada' }, schedule: '30 * * * *', catchUp },
    })
    await schedule(queue)
    wait(3 * hourMs)

    const { enqueued } = await schedule(queue)

    const expected = [
      ...ofHalf.map((at) => `greet@2026-01-01T${at}`),
      ...ofHourly.map((at) => `report@2026-01-01T${at}`),
    ]
    expect(await readyOf(queue)).toEqual(expected)
    expect(enqueued).toBe(expected.length)
    expect(await statesOf(queue)).toEqual({ half: '2026-01-01T03:30', hourly: '2026-01-01T04:00' })
  })

  test('catchUp: none enqueues what is 20 minutes late, and nothing that is later', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly: { ...hourly, catchUp: 'none' } })
    await schedule(queue)
    wait(hourMs + 20 * minuteMs)
    const late = await schedule(queue)
    wait(hourMs + 1)
    const later = await schedule(queue)

    expect([late.enqueued, later.enqueued]).toEqual([1, 0])
    expect((await manage(queue).recurring.list()).items[0]).toMatchObject({
      lastRunAt: new Date('2026-01-01T01:00Z'),
      nextRunAt: new Date('2026-01-01T03:00Z'),
    })
  })

  test('catchUp: all makes up for the newest thousand, and says that there were more', async () => {
    const warnings: object[] = []
    const { deploy, wait } = await open(database)
    const queue = deploy(
      { minutely: { ...hourly, schedule: '* * * * *', catchUp: 'all' } },
      { logger: { ...silent, warn: (fields) => void warnings.push(fields) } },
    )
    await schedule(queue)
    wait(3 * 24 * hourMs)

    const { enqueued, roundTrips } = await schedule(queue)

    const ready = await readyOf(queue)
    expect([enqueued, ready.length]).toEqual([1000, 1000])
    expect([ready[0], ready.at(-1)]).toEqual(['report@2026-01-03T07:21', 'report@2026-01-04T00:00'])
    expect(roundTrips).toBe(5)
    expect(warnings).toEqual([{ key: 'minutely' }])
  })

  test('a tick that dies on the way leaves the other occurrences to the next one', async () => {
    const { driver, deploy, wait } = await open(database)
    const minutely = { minutely: { ...hourly, schedule: '* * * * *', catchUp: 'all' } } as const
    const queue = deploy(minutely)
    await schedule(queue)
    wait(20 * hourMs)

    // Look, read, and the first of three batches.
    let left = 3
    const dying: Driver = {
      ...driver,
      batch: (statements) => ((left -= 1) < 0 ? Promise.reject(new Error('it died')) : driver.batch(statements)),
    }
    await expect(schedule(deploy(minutely, { driver: dying }))).rejects.toThrow('it died')
    const { count: first } = (await manage(queue).jobs.counts()).ready
    await schedule(queue)

    expect(first).toBe(500)
    expect(new Set(await readyOf(queue)).size).toBe(1000)
  })

  test('a tick whose deadline is near, or that is told to stop, leaves occurrences due, and says so', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly })
    await schedule(queue)
    wait(hourMs)

    const stopped = await schedule(queue, { signal: AbortSignal.abort() })
    const late = await tick(queue, { deadline: new Date(Date.now() + 500) })
    const next = await schedule(queue)

    expect([stopped, late, next]).toMatchObject([
      { enqueued: 0, more: true },
      { enqueued: 0, more: true },
      { enqueued: 1, more: false },
    ])
  })

  test('a clock that was ahead for one tick puts nothing off: what it wrote is brought back, and said', async () => {
    const warned: object[] = []
    const logger = { ...silent, warn: (fields: object) => void warned.push(fields) }
    const { deploy, wait } = await open(database)
    const years = 11 * 365 * 24 * hourMs
    const definition = { often: { task: report, schedule: '*/10 * * * *', catchUp: 'all' } } as const
    const queue = deploy(definition, { logger })
    await tick(queue)
    await manage(queue).recurring.create('yearly', { task: report, schedule: '0 0 1 6 *' })

    wait(years)
    await tick(queue)
    await manage(queue).recurring.create('created-ahead', { task: report, schedule: '0 12 * * *' })
    wait(hourMs - years)
    await tick(queue)
    const [, often, yearly] = (await manage(queue).recurring.list()).items
    wait(10 * minuteMs)
    const due = await tick(queue)

    expect(often?.nextRunAt).toEqual(new Date('2026-01-01T01:10Z'))
    expect(yearly?.nextRunAt).toEqual(new Date('2026-06-01T00:00Z'))
    expect((await manage(queue).recurring.find('created-ahead'))?.nextRunAt).toEqual(new Date('2026-01-01T12:00Z'))
    expect(warned.filter((fields) => 'was' in fields)).toMatchObject([
      { key: 'created-ahead' },
      { key: 'often' },
      { key: 'yearly' },
    ])
    expect(due.enqueued).toBe(1)
  })
}

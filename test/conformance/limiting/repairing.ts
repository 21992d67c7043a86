import { expect, test } from 'vitest'
import type { Driver } from '../../../src/dialects/driver.ts'
import { defineQueue, task } from '../../../src/index.ts'
import { claimBy, processA, processB, settleBy } from '../../support/claims.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { silent } from '../../support/open-queue.ts'
import { rowsOf, table } from '../../support/tables.ts'
import { a, key, one, openQueue, run, times, two } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { dispatch, maintain, tick } from '../../../src/ticks/index.ts'

const semaphores = async (driver: Driver) =>
  (
    await rowsOf(driver, `select key from ${table(driver, 'semaphores')} where key not like 'worker:%' order by key`)
  ).map((row) => row['key'])

const finish = (driver: Driver, id: string, invocationId = processA) =>
  settleBy(driver, invocationId, [{ id }], [{ key: 'one/a', limit: 1, jobId: id }])

/** What maintenance does about keys: durations that are over, limits that changed, keys that are left over. */
export function repairing(database: OpenDatabase): void {
  test('after its duration others pass a job that is performed; a job that waits keeps its place', async () => {
    const { queue, driver, advance, stateOf, whole } = await openQueue(database, { maintenanceInterval: '1h' })
    const [long, second, third] = await queue.enqueueAll(one, times(3, a))
    advance(600_000)
    expect(await maintain(queue)).toMatchObject({ expired: 0, unblocked: 0 })
    await claimBy(driver, processA, { max: 1, leaseMs: 3_600_000 })
    advance(299_999)
    expect(await maintain(queue)).toMatchObject({ expired: 0, unblocked: 0 })
    advance(1)
    expect(await maintain(queue)).toMatchObject({ expired: 1, unblocked: 1 })
    expect([await stateOf(long?.id), await stateOf(second?.id), await stateOf(third?.id)]).toEqual([
      'claimed',
      'ready',
      'blocked',
    ])
    await whole()

    await finish(driver, long?.id as string)
    expect([await stateOf(long?.id), await stateOf(second?.id), await stateOf(third?.id)]).toEqual([
      'finished',
      'ready',
      'blocked',
    ])
    await whole()
  })

  test('without a duration a job keeps its place for its whole timeout and the grace, and three minutes at least', async () => {
    const slow = task('slow', { run, timeout: '10m', concurrency: { key } })
    const quick = task('quick', { run, timeout: '1s', concurrency: { key } })
    const { queue, driver, advance } = await openQueue(database, { maintenanceInterval: '1h', tasks: [slow, quick] })
    const claim = async () => claimBy(driver, processA, { max: 2, leaseMs: 3_600_000 })
    await queue.enqueueAll([slow.call(a), slow.call(a), quick.call(a), quick.call(a)])
    await claim()

    advance(179_999)
    expect(await maintain(queue)).toMatchObject({ expired: 0 })
    advance(1)
    expect(await maintain(queue)).toMatchObject({ expired: 1 })
    advance(600_000 + 5000 - 180_000 - 1)
    expect(await maintain(queue)).toMatchObject({ expired: 0 })
    advance(1)
    expect(await maintain(queue)).toMatchObject({ expired: 1 })
  })

  test('of a key, only those lose their place whose duration is over', async () => {
    const { queue, driver, advance, statesOf, whole } = await openQueue(database, { maintenanceInterval: '1h' })
    const jobs = await queue.enqueueAll(two, times(4, a))
    await claimBy(driver, processA, { max: 1, leaseMs: 3_600_000 })
    advance(120_000)
    await claimBy(driver, processB, { max: 1, leaseMs: 3_600_000 })
    advance(60_000)

    expect(await maintain(queue)).toMatchObject({ expired: 1, unblocked: 1 })
    expect(await statesOf(jobs)).toEqual(['claimed', 'claimed', 'ready', 'blocked'])
    await whole()
  })

  test('a job whose place went meanwhile queues again when it is released', async () => {
    const { queue, driver, advance, stateOf, whole } = await openQueue(database)
    const [long, second] = await queue.enqueueAll(one, times(2, a))
    await claimBy(driver, processA, { max: 1, leaseMs: 3_600_000 })
    advance(300_000)
    await maintain(queue)

    await settleBy(
      driver,
      processA,
      [{ id: long?.id as string, kind: 'released', spent: false }],
      [{ key: 'one/a', limit: 1, jobId: long?.id as string }],
    )

    expect([await stateOf(long?.id), await stateOf(second?.id)]).toEqual(['scheduled', 'ready'])
    await whole()
    await dispatch(queue)
    expect(await stateOf(long?.id)).toBe('blocked')
    await whole()
  })

  test('a raised limit is topped up, a lowered one drains', async () => {
    const limited = (limit: number) => task('deploy', { run, concurrency: { key, limit } })
    const [low, high] = [limited(1), limited(3)]
    const old = await openQueue(database, { tasks: [low] })
    const { queue, statesOf, whole } = old
    const jobs = await queue.enqueueAll(low, times(4, a))
    const newer = defineQueue({ tasks: [high], connect: () => ({ driver: old.driver }), logger: silent }).open()

    const newest = await newer.enqueue(high, a)
    await maintain(queue)

    expect(newest.state).toBe('blocked')
    expect(await statesOf([...jobs, newest])).toEqual(['ready', 'ready', 'ready', 'blocked', 'blocked'])
    await whole()
    await queue.enqueue(low, a)
    await maintain(queue)
    expect(await statesOf([...jobs, newest])).toEqual(['ready', 'ready', 'ready', 'blocked', 'blocked'])
    await claimBy(old.driver, processB, { max: 1 })
    const [claimed] = await manage(queue).invocations.list()
    const done = claimed?.jobs[0]?.id as string
    await settleBy(old.driver, processB, [{ id: done }], [{ key: 'deploy/a', limit: 1, jobId: done }])
    expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: 2 }, blocked: { count: 3 } })
  })

  test('keys that nobody needs are forgotten; full ones hide none that is open', async () => {
    const { queue, driver, whole } = await openQueue(database)
    await queue.enqueueAll(
      one,
      Array.from({ length: 1200 }, (_, index) => ({ account: String(1000 + (index % 600)) })),
    )
    await queue.enqueueAll(one, [{ account: 'z' }, { account: 'z' }])
    const z = await rowsOf(driver, `select job_id from ${table(driver, 'permits')} where concurrency_key = 'one/z'`)
    await rowsOf(
      driver,
      `delete from ${table(driver, 'ready_executions')} where job_id = '${String(z[0]?.['job_id'])}'`,
    )
    await rowsOf(driver, `delete from ${table(driver, 'permits')} where concurrency_key = 'one/z'`)
    await rowsOf(driver, `delete from ${table(driver, 'jobs')} where id = '${String(z[0]?.['job_id'])}'`)

    expect(await maintain(queue)).toMatchObject({ unblocked: 1 })
    await whole()
    await tick(queue)
    expect(await manage(queue).jobs.counts()).toMatchObject({ finished: { count: 1201 } })
    expect(await semaphores(driver)).toHaveLength(601)
    await maintain(queue)
    expect(await semaphores(driver)).toEqual([])
    await whole()
  })

  test('ten thousand keys that have room are topped up in bounded batches', async () => {
    const { queue, driver, whole } = await openQueue(database)
    const keys = 10_000
    for (let from = 0; from < keys; from += 500)
      await queue.enqueueAll(
        one,
        Array.from({ length: 1000 }, (_, index) => ({ account: String(from + (index >> 1)) })),
      )
    expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: keys }, blocked: { count: keys } })
    await rowsOf(driver, `update ${table(driver, 'semaphores')} set concurrency_limit = 2`)

    const report = await maintain(queue)

    expect(report).toMatchObject({ unblocked: keys, more: false })
    // Five hundred keys at a time: found by one batch, repaired by another.
    expect(report.roundTrips).toBeLessThan(2 * (keys / 500) + 6)
    await whole()
  })
}

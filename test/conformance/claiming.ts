import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { claimBy, processA, processB } from '../support/claims.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { greet } from '../support/tasks.ts'
import { work } from '../../src/ticks/index.ts'

const pause = (driver: Driver, queueName: string) =>
  driver.batch([
    {
      sql: `insert into ${table(driver, 'pauses')} (queue_name, created_at) values ('${queueName}', ${driver.dialect.name === 'postgres' ? 'now()' : '0'})`,
      parameters: [],
    },
  ])

export function claiming(database: OpenDatabase): void {
  test.each([
    { queues: ['*'], expected: ['a5', 'a1', 'abc0', 'c-1', 'b-5'] },
    { queues: ['b', 'a'], expected: ['b-5', 'a5', 'a1'] },
    { queues: ['a*'], expected: ['a5', 'a1', 'abc0'] },
    { queues: ['a_*', 'a%*'], expected: [] },
    { queues: ['b', '*'], expected: ['b-5', 'a5', 'a1', 'abc0', 'c-1'] },
    { queues: ['ab*', 'a', 'ab*'], expected: ['abc0', 'a5', 'a1'] },
    { queues: ['none'], expected: [] },
    { queues: ['*'], paused: 'a', expected: ['abc0', 'c-1', 'b-5'] },
    { queues: ['a', 'b'], paused: 'a', expected: ['b-5'] },
    { queues: ['a*', 'b'], paused: 'abc', expected: ['a5', 'a1', 'b-5'] },
  ])('queues $queues, $paused paused: claimed in the order $expected', async ({ queues, paused, expected }) => {
    const { queue, driver } = await openQueue(database)
    for (const [name, priority] of [
      ['c', -1],
      ['a', 1],
      ['abc', 0],
      ['a', 5],
      ['b', -5],
    ] as const)
      await queue.enqueue(greet, { name }, { queue: name, priority })
    if (paused !== undefined) await pause(driver, paused)

    const claimed = await claimBy(driver, processA, { queues })

    expect(claimed.map(({ queue: queueName, priority }) => `${queueName}${priority}`)).toEqual(expected)
  })

  test.each([{ queues: ['a', 'b'] }, { queues: ['a*', '*'] }])(
    'at most `max` are claimed, the first of $queues',
    async ({ queues }) => {
      const { queue, driver } = await openQueue(database)
      for (const [name, priority] of [
        ['a', 0],
        ['b', 9],
        ['a', 1],
        ['b', 0],
      ] as const)
        await queue.enqueue(greet, { name }, { queue: name, priority })

      const inOrder = await claimBy(driver, processA, { queues, max: 3 })

      expect(inOrder.map(({ queue: queueName, priority }) => `${queueName}${priority}`)).toEqual(['a1', 'a0', 'b9'])
    },
  )

  test('a claim that is sent again claims nothing more, and answers the same jobs', async () => {
    const { queue, driver } = await openQueue(database)
    await queue.enqueueAll(
      greet,
      Array.from({ length: 5 }, (_, index) => ({ name: String(index) })),
    )

    const first = await claimBy(driver, processA, { max: 2 })
    const again = await claimBy(driver, processA, { max: 2 })
    const next = await claimBy(driver, processA, { max: 2, claim: 2, first: false })

    expect(again).toEqual(first)
    expect(next.map(({ id }) => id)).not.toEqual(first.map(({ id }) => id))
    expect(next).toHaveLength(2)
  })

  test('an invocation claims nothing after its lease', async () => {
    const { queue, driver, advance } = await openQueue(database)
    await queue.enqueueAll(greet, [{ name: '1' }, { name: '2' }])
    await claimBy(driver, processA, { max: 1, leaseMs: 1000 })

    advance(1001)

    expect(await claimBy(driver, processA, { claim: 2, first: false })).toEqual([])
  })

  test('maxInvocations live invocations of a worker keep out the next one, not those of another worker', async () => {
    const { queue, driver, advance } = await openQueue(database)
    await queue.enqueueAll(
      greet,
      Array.from({ length: 9 }, (_, index) => ({ name: String(index) })),
    )
    await claimBy(driver, processA, { max: 1, maxInvocations: 1 })

    const kept = await claimBy(driver, processB, { max: 1, maxInvocations: 1 })
    const other = await claimBy(driver, processB, { max: 1, maxInvocations: 1, worker: 'other' })
    advance(60_001)
    const afterTheLease = await claimBy(driver, processB.replace(/b$/, 'c'), { max: 1, maxInvocations: 1 })

    expect([kept, other, afterTheLease].map((jobs) => jobs.length)).toEqual([0, 1, 1])
  })

  test('a ready row whose job is gone is dropped, and fails nothing', async () => {
    const { queue, driver } = await openQueue(database)
    const [first] = await queue.enqueueAll(greet, [{ name: 'gone' }, { name: 'there' }])
    await rowsOf(driver, `delete from ${table(driver, 'jobs')} where id = '${first?.id}'`)

    const claimed = await claimBy(driver, processA)
    const ready = await rowsOf(driver, `select * from ${table(driver, 'ready_executions')}`)

    expect(claimed.map(({ payload }) => payload)).toEqual(['{"name":"there"}'])
    expect(ready).toEqual([])
  })

  test('an idle claim writes no process row', async () => {
    const { driver } = await openQueue(database)

    await claimBy(driver, processA)

    expect(await rowsOf(driver, `select * from ${table(driver, 'processes')}`)).toEqual([])
  })

  test('many work ticks at once perform every job once', async () => {
    const performed: string[] = []
    const { queue } = await openQueue(database, {
      workers: { default: { maxInvocations: 8, concurrency: 5 } },
      on: { 'job.started': ({ id }) => void performed.push(id) },
    })
    const enqueued = await queue.enqueueAll(
      greet,
      Array.from({ length: 200 }, (_, index) => ({ name: String(index) })),
    )

    const reports = await Promise.all(Array.from({ length: 8 }, () => work(queue)))

    expect(reports.reduce((sum, { succeeded, stale }) => sum + succeeded + 1000 * stale, 0)).toBe(200)
    expect(performed.toSorted()).toEqual(enqueued.map(({ id }) => id).toSorted())
  })
}

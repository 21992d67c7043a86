import { Client } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { d1 } from '../../src/drivers/d1.ts'
import { pg } from '../../src/drivers/pg.ts'
import { defineQueue, fixed, SchemaError, task } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { testQueue } from '../../src/testing/index.ts'
import { databases, newSchema } from '../support/databases.ts'
import { silent } from '../support/silent.ts'
import { startD1 } from '../support/workerd.ts'

const remind = task('remind', {
  maxAttempts: 2,
  backoff: fixed('10s'),
  run: ({ at }: { at: Date }, { attempt }) => {
    if (attempt === 1) throw new Error('not yet')
    return at
  },
})
const jobs = defineQueue({
  tasks: [remind],
  connect: () => {
    throw new Error('A test queue does not connect.')
  },
  logger: silent,
})

const drivers: Record<string, () => Promise<Driver>> = {
  sqlite: async () => databases.sqlite({}),
  pg: async () => databases.pg({}),
  async d1() {
    const { database, close } = await startD1()
    onTestFinished(close)
    return d1(database)
  },
}

test.each(Object.entries(drivers))('%s: a test queue on its driver has the clock of the test', async (_, open) => {
  const driver = await open()
  await migrate(driver)
  const now = new Date('2020-02-29T12:00:00Z')
  const queue = await testQueue(jobs, { driver, now })
  const { id } = await queue.enqueue(remind, { at: now })
  await queue.enqueueAll(remind.using({ runAfter: '1d' }), [{ at: new Date(1) }, { at: new Date(2) }])

  const first = await queue.drain()
  await queue.advance('10s')
  const second = await queue.drain()

  expect([first, second]).toMatchObject([{ retried: 1 }, { succeeded: 1 }])
  expect(await queue.result(id, { of: remind })).toEqual(now)
  expect((await queue.find(id))?.finishedAt).toEqual(new Date('2020-02-29T12:00:10Z'))
  await queue.expectEnqueued(remind, { at: new Date(2) }, { runAfter: '1d', times: 1 })
  expect((await queue.enqueued(remind)).map(({ payload }) => payload.at)).toEqual([now, new Date(1), new Date(2)])

  await queue.close()
  expect(await (await testQueue(jobs, { driver })).find(id)).not.toBeNull()
  await driver.close()
})

test('a transaction of the database of the driver is one, so a rollback takes its jobs back', async () => {
  const driver = pg(inject('postgresUrl'), { schema: newSchema() })
  onTestFinished(() => driver.close())
  await migrate(driver)
  const client = new Client(inject('postgresUrl'))
  await client.connect()
  onTestFinished(() => client.end())
  const queue = await testQueue(jobs, { driver })

  await client.query('begin')
  await queue.in(client).enqueue(remind, { at: new Date(0) })
  await queue.expectNothingEnqueued()
  await client.query('rollback')
  await queue.expectNothingEnqueued()

  await client.query('begin')
  await queue.in(client).enqueue(remind, { at: new Date(0) })
  await client.query('commit')
  await queue.expectEnqueued(remind)
})

test('a driver whose database has no tables is refused', async () => {
  const driver = pg(inject('postgresUrl'), { schema: newSchema() })
  onTestFinished(() => driver.close())

  await expect(testQueue(jobs, { driver })).rejects.toThrow(SchemaError)
})

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Pool, types } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { pg } from '../../src/drivers/pg.ts'
import { defineQueue, OutcomeUnknownError, task } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { startBreakingProxy } from '../support/breaking-proxy.ts'
import { newSchema } from '../support/databases.ts'
import { faultsOf } from '../support/invariants.ts'
import { silent } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { failureOf, postgresDriver } from './postgres.ts'
import { manage } from '../../src/manage/index.ts'
import { tick, work } from '../../src/ticks/index.ts'

/** A driver on a pool of its own, whose one connection the test can reach. */
function open() {
  const pool = new Pool({ connectionString: inject('postgresUrl'), max: 1, pipeline: true })
  onTestFinished(() => pool.end())
  const driver = pg(pool, { schema: newSchema() })
  return { pool, driver }
}

/** A queue whose connection goes through a proxy that can break it. */
async function openBreaking() {
  const url = new URL(inject('postgresUrl'))
  const schema = newSchema()
  const direct = pg(inject('postgresUrl'), { schema })
  await migrate(direct)
  const proxy = await startBreakingProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const driver = pg({ connectionString: url.href, max: 2 }, { schema })
  let performed = 0
  let during = () => {}
  const count = task('count', {
    run: () => {
      performed += 1
      during()
    },
  })
  const queue = defineQueue({ tasks: [count], logger: silent, connect: () => ({ driver }) }).open()
  onTestFinished(async () => {
    await Promise.all([driver.close(), direct.close()])
    proxy.close()
  })
  const jobsStored = async () =>
    (await rowsOf(direct, `select id from ${table(direct, 'jobs')} order by id`)).map(({ id }) => id)
  return {
    queue,
    count,
    proxy,
    direct,
    jobsStored,
    performed: () => performed,
    whilePerforming: (act: () => void) => {
      during = act
    },
  }
}

/** A message of the Postgres protocol. */
function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + body.length)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}

const isReady = [message('R', '\0\0\0\0'), message('Z', 'I')]

/** A driver of a server that answers a connection with these messages and says nothing more; and its connections. */
async function openScripted(...answer: readonly Buffer[]) {
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.write(Buffer.concat(answer)))
  })
  const connected = once(server, 'connection') as Promise<[Socket]>
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const driver = pg(`postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`)
  onTestFinished(async () => {
    await driver.close()
    server.close()
  })
  return { driver, connected }
}

postgresDriver({ url: () => inject('postgresUrl'), connect: pg, types })

test('a server that does not answer is unreachable, and nothing is asked of it again and again for long', async () => {
  const driver = pg({ connectionString: 'postgres://postgres@127.0.0.1:1/none' })
  onTestFinished(() => driver.close())

  expect(await failureOf(driver, 'select 1')).toBe('unreachable')
})

test('statements are prepared once a connection', async () => {
  const { driver, pool } = open()
  await migrate(driver)
  const select = { sql: 'select $1::integer as n', parameters: [7] }

  await driver.batch([select, select])
  await driver.batch([select])

  const { rows } = await pool.query(`select count(*)::int as n from pg_prepared_statements where statement = $1`, [
    select.sql,
  ])
  expect(rows).toEqual([{ n: 1 }])
})

test('behind a pooler that forgets prepared statements all goes on, without them', async () => {
  const { driver, pool } = open()
  await migrate(driver)
  const noop = task('noop', { run() {} })
  const queue = defineQueue({ tasks: [noop], logger: silent, connect: () => ({ driver }) }).open()
  await queue.enqueue(noop)
  await pool.query('deallocate all')

  const second = await queue.enqueue(noop)
  const report = await tick(queue)

  expect(second.state).toBe('ready')
  expect(report).toMatchObject({ succeeded: 2, retriedBatches: 0 })
  const { rows } = await pool.query('select * from pg_prepared_statements')
  expect(rows).toEqual([])
})

test('an enqueue whose request or answer is lost on the way is stored once', async () => {
  const { queue, count, proxy, jobsStored } = await openBreaking()
  const before = await queue.enqueue(count)

  proxy.loseRequest()
  const requestLost = await queue.enqueue(count)
  proxy.loseAnswer('INSERT')
  const answerLost = await queue.enqueue(count)
  proxy.loseAnswer('INSERT')
  const many = await queue.enqueueAll(
    count,
    Array.from({ length: 1500 }, () => undefined),
  )

  expect(proxy.broken()).toBe(3)
  expect([requestLost.state, answerLost.state]).toEqual(['ready', 'ready'])
  expect(await jobsStored()).toEqual([before, requestLost, answerLost, ...many].map(({ id }) => id).toSorted())
})

test('a job whose settlement was committed behind a lost answer is not performed again', async () => {
  const { queue, count, proxy, direct, performed, whilePerforming } = await openBreaking()
  const { id } = await queue.enqueue(count)
  whilePerforming(() => proxy.loseAnswer('COMMIT'))

  const report = await work(queue)
  const again = await tick(queue)

  expect(proxy.broken()).toBe(1)
  expect(report).toMatchObject({ claimed: 1, retriedBatches: 1, stale: 0 })
  expect(again.claimed).toBe(0)
  expect(performed()).toBe(1)
  expect(await queue.find(id)).toMatchObject({ state: 'finished', attempts: 1 })
  expect(await faultsOf(direct)).toEqual([])
})

test('a claim that was committed behind a lost answer is found, not left to its lease', async () => {
  const { queue, count, proxy, performed } = await openBreaking()
  await queue.enqueue(count)
  proxy.loseAnswer('COMMIT')

  const report = await work(queue)

  expect(proxy.broken()).toBe(1)
  expect(report).toMatchObject({ claimed: 1, succeeded: 1, retriedBatches: 1 })
  expect(performed()).toBe(1)
})

test('what may not be sent again says so when its answer is lost', async () => {
  const { queue, proxy } = await openBreaking()
  proxy.loseAnswer('INSERT')

  await expect(manage(queue).jobs.retry('0190a5f0-0000-7000-8000-000000000001')).rejects.toThrow(OutcomeUnknownError)
})

test('what a failure is, is told by its code: a server may speak another language', async () => {
  const { pool, driver } = open()
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
    client.query = ((...given: unknown[]) =>
      query(...given).catch((error: Error) => {
        error.message = 'Relation »steadytick_jobs« existiert nicht oder ist schon da'
        throw error
      })) as never
  })
  const count = task('count', { run: () => {} })
  const queue = defineQueue({ tasks: [count], logger: silent, connect: () => ({ driver }) }).open()

  await expect(queue.enqueue(count)).rejects.toThrow(/Run `steadytick migrate`/)
  expect(await migrate(driver)).toHaveLength(1)
  await rowsOf(driver, `drop table ${table(driver, 'schema')}`)
  await expect(migrate(driver)).rejects.toThrow(/It is not Steadytick's/)
})

test('a server that swallows packets is given up: a batch at the deadline of its tick, as an error that says so', async () => {
  const { queue, count, proxy, direct } = await openBreaking()
  await queue.enqueue(count)
  proxy.swallow()

  const began = Date.now()
  await expect(tick(queue, { deadline: new Date(began + 500) })).rejects.toThrow(/no answer came until the deadline/)

  expect(Date.now() - began).toBeLessThan(5000)
  expect(await rowsOf(direct, `select count(*)::int as n from ${table(direct, 'ready_executions')}`)).toEqual([
    { n: 1 },
  ])
})

test('a connection whose answer does not come is closed at the deadline, so that the process can end', async () => {
  const { driver, connected } = await openScripted(...isReady)
  const statements = [{ sql: 'select 1', parameters: [] }]
  const batch = driver.batch(statements, { deadline: new Date(Date.now() + 200) })
  const [[socket]] = await Promise.all([connected, expect(batch).rejects.toThrow(/no answer/)])

  if (!socket.closed) await once(socket, 'close')
})

test('a server that stops in the moment in which it is ready fails a batch, and does not end the process', async () => {
  const stops = message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')
  const { driver } = await openScripted(...isReady, stops)

  expect(await failureOf(driver, 'select 1')).toBe('unknown')
})

test('a connection that is not had is given up after ten seconds; the application may say otherwise', async () => {
  const silentServer = createServer(() => {})
  await new Promise<void>((resolve) => {
    silentServer.listen(0, '127.0.0.1', resolve)
  })
  const url = `postgres://u:p@127.0.0.1:${(silentServer.address() as AddressInfo).port}/d`
  const [usual, short] = [pg(url), pg({ connectionString: url, connectionTimeoutMillis: 100 })]
  onTestFinished(async () => {
    await Promise.all([usual.close(), short.close()])
    silentServer.close()
  })

  const began = performance.now()
  expect(await failureOf(short, 'select 1')).toBe('unreachable')
  const shortMs = performance.now() - began
  expect(await failureOf(usual, 'select 1')).toBe('unreachable')

  expect(shortMs).toBeLessThan(5000)
  expect(performance.now() - began - shortMs).toBeGreaterThan(9000)
})

import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Pool } from 'pg'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { api } from '../../src/http/api.ts'
import { defineQueue } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { newSchema } from '../support/databases.ts'
import { newFile } from '../support/folders.ts'
import { silent } from '../support/open-queue.ts'
import { greet } from '../support/tasks.ts'

interface Env {
  readonly DATABASE_URL?: string
}

/** The API as the guides write it, on Postgres, and how many connections the server sees of it. */
async function open() {
  const schema = newSchema()
  const watcher = new Pool({ connectionString: inject('postgresUrl'), max: 1 })
  const connect = () => ({
    driver: pg({ connectionString: inject('postgresUrl'), application_name: schema }, { schema }),
  })
  const { driver } = connect()
  await migrate(driver)
  await driver.close()
  onTestFinished(() => watcher.end())
  const jobs = defineQueue({ tasks: [greet], logger: silent, connect: (_: Env) => connect() })
  const connections = async (): Promise<number> => {
    const { rows } = await watcher.query(
      'select count(*)::int as n from pg_stat_activity where application_name = $1',
      [schema],
    )
    return rows[0].n
  }
  return { app: api(jobs, { token: () => 'secret' }), connections }
}

const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' }
const post = { method: 'POST', headers, body: JSON.stringify({ task: 'greet', payload: { name: 'Ada' } }) }

/** Each request of the API, so many times. @returns the statuses that there were */
async function askAll(ask: (path: string, init?: RequestInit) => Promise<Response> | Response, times: number) {
  const statuses = new Set<number>()
  for (let index = 0; index < times; index += 1) {
    const posted = await ask('/api/jobs', post)
    const { id } = await posted.json<{ id: string }>()
    for (const response of [posted, await ask(`/api/jobs/${id}`, { headers }), await ask('/healthz')])
      statuses.add(response.status)
  }
  return statuses
}

test('requests of one environment share the connections of one queue', async () => {
  const { app, connections } = await open()
  const env = {}

  const statuses = await askAll((path, init) => app.request(path, init, env), 34)

  expect([...statuses]).toEqual([201, 200])
  expect(await connections()).toBe(1)
})

test('so they do on a server of Node, which has no environment of its own', async () => {
  const { app, connections } = await open()
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  onTestFinished(() => void server.close())
  await vi.waitFor(() => expect(server.listening).toBe(true))
  const { port } = server.address() as AddressInfo

  const statuses = await askAll((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init), 34)

  expect([...statuses]).toEqual([201, 200])
  expect(await connections()).toBe(1)
})

test('on Workers a queue is opened for each request, and closed behind its answer', async () => {
  const { app, connections } = await open()
  const behind: Promise<unknown>[] = []
  const ctx = {
    waitUntil: (promise: Promise<unknown>) => void behind.push(promise),
    passThroughOnException() {},
    props: {},
  } as unknown as ExecutionContext

  const statuses = await askAll((path, init) => app.request(path, init, {}, ctx), 10)
  await Promise.all(behind)

  expect([...statuses]).toEqual([201, 200])
  await vi.waitFor(async () => expect(await connections()).toBe(0))
})

test('a file of SQLite is opened once', async () => {
  const file = newFile()
  const driver = sqlite(file)
  await migrate(driver)
  await driver.close()
  const connect = vi.fn((_: Env) => ({ driver: sqlite(file) }))
  const app = api(defineQueue({ tasks: [greet], logger: silent, connect }), { token: () => 'secret' })
  const env = {}

  await askAll((path, init) => app.request(path, init, env), 34)

  expect(connect).toHaveBeenCalledTimes(1)
})

test('two environments have a queue each', async () => {
  const [first, second] = [newFile(), newFile()]
  for (const file of [first, second]) {
    const driver = sqlite(file)
    await migrate(driver)
    await driver.close()
  }
  const jobs = defineQueue({
    tasks: [greet],
    logger: silent,
    connect: ({ file }: { readonly file: string }) => ({ driver: sqlite(file) }),
  })
  const app = api(jobs, { token: () => 'secret' })
  const [one, other] = [{ file: first }, { file: second }]

  const { id } = await (await app.request('/api/jobs', post, one)).json<{ id: string }>()

  expect((await app.request(`/api/jobs/${id}`, { headers }, one)).status).toBe(200)
  expect((await app.request(`/api/jobs/${id}`, { headers }, other)).status).toBe(404)
})

import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHarness } from 'wrangler'
import { d1 } from '../../src/drivers/d1.ts'
import { defineQueue, task } from '../../src/index.ts'
import { listen } from '../support/listen.ts'
import { meter } from '../support/metered-d1.ts'
import { silent } from '../support/open-queue.ts'
import { startReceiver } from '../support/receiver.ts'
import { startWorker } from '../support/workerd.ts'
import * as ticks from '../../src/ticks/index.ts'

const token = 'a-token-of-the-test'
let harness: TestHarness

beforeAll(async () => {
  harness = await startWorker({ API_TOKEN: token, INNER_HOSTS: '127.0.0.1', WEBHOOK_SECRET_TEST: 'key' })
  await harness.getWorker<{ DB: D1Database }>().applyD1Migrations('DB')
})
afterAll(() => harness.close())

const post = (body: unknown, headers: Record<string, string> = {}) =>
  harness.fetch('/api/jobs', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const find = async (id: string): Promise<Record<string, unknown>> => {
  const response = await harness.fetch(`/api/jobs/${id}`, { headers: { authorization: `Bearer ${token}` } })
  return (await response.json()) as Record<string, unknown>
}

const tick = () => harness.getWorker().scheduled({ cron: '* * * * *', scheduledTime: new Date() })

test('a Worker imports contacts from HTTP to signed webhooks, tick by tick', async () => {
  const receiver = await startReceiver()
  const posted = await post({
    task: 'import-contacts',
    payload: {
      csv: 'Name,Email\nAda,ada@example.com\nBob,nobody\nEve,eve@example.com\n',
      webhook: receiver.url,
      secretName: 'WEBHOOK_SECRET_TEST',
    },
  })
  const { id, state } = (await posted.json()) as { id: string; state: string }

  // A tick that did something looks again: this one performs the import, and then its deliveries.
  await tick()
  const job = await find(id)
  receiver.close()

  expect([posted.status, state]).toEqual([201, 'ready'])
  expect(job).toMatchObject({
    state: 'finished',
    result: { imported: 2, skipped: [{ line: 3, reason: '"nobody" is no email address' }] },
    progress: { imported: 2, skipped: 1 },
  })
  expect(receiver.deliveries.map(({ body }) => body).toSorted()).toEqual([
    '{"Name":"Ada","email":"ada@example.com"}',
    '{"Name":"Eve","email":"eve@example.com"}',
  ])
  for (const { headers, body } of receiver.deliveries)
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', 'key').update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')}`,
    )
})

test('a Worker sends nothing to the names and addresses of its own machine, but those that are allowed', async () => {
  const receiver = await startReceiver()
  const { port } = new URL(receiver.url)
  const posted = await post([
    ...['localhost', '[::ffff:127.0.0.1]', '0x7f000002', '169.254.169.254'].map((host) => ({
      task: 'deliver-webhook',
      payload: { url: `http://${host}:${port}/`, payload: 1 },
    })),
    { task: 'import-contacts', payload: { url: `http://localhost:${port}/`, webhook: receiver.url } },
  ])

  await tick()
  const jobs = await Promise.all(((await posted.json()) as { id: string }[]).map(({ id }) => find(id)))
  receiver.close()

  for (const job of jobs)
    expect(job).toMatchObject({
      state: 'failed',
      errors: [{ name: 'FinalError', message: expect.stringMatching(/ has no public address.*INNER_HOSTS/) }],
    })
  expect(receiver.deliveries).toEqual([])
})

test('a Worker counts what it downloads as it comes, unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(200 * 1_048_576, 'a'))
  const port = await listen((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed))
  const posted = await post({
    task: 'import-contacts',
    payload: { url: `http://127.0.0.1:${port}/`, webhook: 'http://127.0.0.1:9/' },
  })
  const { id } = (await posted.json()) as { id: string }

  await tick()

  expect(await find(id)).toMatchObject({
    state: 'failed',
    errors: [{ message: expect.stringMatching(/ sent \d{8} bytes, and more; 10485760 are the most/) }],
  })
})

test('without the token nothing is told or stored', async () => {
  const response = await post({ task: 'deliver-webhook' }, { authorization: 'Bearer wrong' })

  expect(response.status).toBe(401)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

/** A queue on the Worker's database, and what D1 says it reads and writes. */
async function openMetered() {
  const { DB } = await harness.getWorker<{ DB: D1Database }>().getEnv()
  const { binding, rows } = meter(DB)
  const plain = task('plain', { run() {} })
  const workers = { default: { concurrency: 100 } }
  const queue = defineQueue({
    tasks: [plain],
    workers,
    logger: silent,
    connect: () => ({ driver: d1(binding) }),
  }).open()
  return { queue, plain, rows }
}

test('an idle tick reads, and writes no row', async () => {
  const { queue, rows } = await openMetered()
  await tick()

  const report = await ticks.tick(queue)

  expect(report).toMatchObject({ roundTrips: 1, claimed: 0 })
  expect(rows).toEqual({ read: expect.any(Number), written: 0 })
  expect(rows.read).toBeLessThan(20)
})

test('a plain job writes nine rows at most, and what it reads does not grow with the jobs beside it', async () => {
  const { queue, plain, rows } = await openMetered()

  await queue.enqueueAll(
    plain,
    Array.from({ length: 100 }, () => undefined),
  )
  const report = await ticks.tick(queue)

  expect(report.succeeded).toBe(100)
  expect(rows.written / 100).toBeLessThanOrEqual(9)
  expect(rows.read / 100).toBeLessThan(30)
})

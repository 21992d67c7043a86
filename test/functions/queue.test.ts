import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { performDeliverWebhook } from '../../functions/deliver-webhook.ts'
import { performImportContacts } from '../../functions/import-contacts.ts'
import { deliverWebhook, importContacts, jobs } from '../../functions/queue.ts'
import { PayloadError } from '../../src/index.ts'
import { childId } from '../../src/job/child-id.ts'
import { migrate } from '../../src/migrate.ts'
import { claimBy, processA } from '../support/claims.ts'
import { databases } from '../support/databases.ts'
import { startReceiver } from '../support/receiver.ts'

async function open() {
  let now = Date.UTC(2026, 0, 1)
  const driver = databases.sqlite({ clock: () => now })
  onTestFinished(() => driver.close())
  await migrate(driver)
  return {
    driver,
    queue: jobs.attach({ driver }, { perform: [performImportContacts, performDeliverWebhook] }),
    advance: (ms: number) => {
      now += ms
    },
  }
}

async function receive(...args: Parameters<typeof startReceiver>) {
  const receiver = await startReceiver(...args)
  onTestFinished(() => receiver.close())
  return receiver
}

async function serve(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/contacts.csv`
}

test.each([
  {
    why: 'plain',
    csv: 'email,name\na@b.co,Ada\nc@d.co,Bob',
    bodies: ['{"email":"a@b.co","name":"Ada"}', '{"email":"c@d.co","name":"Bob"}'],
    skipped: [],
  },
  {
    why: 'as spreadsheets write it: byte order mark, CRLF, quotes, line breaks, blank lines, capitals',
    csv: '\uFEFFName,E-mail,EMAIL\r\n"Lovelace, ""Ada""\r\nCountess",x, a@b.co \r\n\r\n',
    bodies: ['{"Name":"Lovelace, \\"Ada\\"\\r\\nCountess","E-mail":"x","email":"a@b.co"}'],
    skipped: [],
  },
  {
    why: 'bad rows between good ones',
    csv: 'email,name\n,Nobody\na@b.co,Ada\nb@c.co,Too,Many\nnot an address,X\nd@e.co,Eve\n',
    bodies: ['{"email":"a@b.co","name":"Ada"}', '{"email":"d@e.co","name":"Eve"}'],
    skipped: [
      { line: 2, reason: '"" is no email address' },
      { line: 4, reason: expect.stringMatching(/Record Length/) },
      { line: 5, reason: '"not an address" is no email address' },
    ],
  },
  {
    why: 'a quote that is never closed',
    csv: 'email\na@b.co\n"c@d.co\ne@f.co',
    bodies: ['{"email":"a@b.co"}'],
    skipped: [{ line: 4, reason: expect.stringMatching(/Quote Not Closed/) }],
  },
  { why: 'a header alone', csv: 'email', bodies: [], skipped: [] },
])('contacts are imported: $why', async ({ csv, bodies, skipped }) => {
  const receiver = await receive()
  const { queue } = await open()
  const { id } = await queue.enqueue(importContacts, { csv, webhook: receiver.url })

  await queue.tick()

  const job = await queue.find(id, performImportContacts)
  expect(job?.result).toEqual({ imported: bodies.length, skipped })
  expect(receiver.deliveries.map(({ body }) => body).toSorted()).toEqual(bodies)
})

test.each([
  ['no email column', 'name\nAda', /needs a column "email"; it has name/],
  ['nothing at all', '', /needs a column "email"; it has nothing/],
])('a CSV with %s fails for good, and says why', async (_, csv, message) => {
  const { queue } = await open()
  const { id } = await queue.enqueue(importContacts, { csv, webhook: 'http://127.0.0.1:9/' })

  await queue.tick()

  expect(await queue.find(id)).toMatchObject({ state: 'failed', errors: [{ message: expect.stringMatching(message) }] })
})

test('an import that was cut off and runs again enqueues no row twice', async () => {
  const receiver = await receive()
  const { queue, driver, advance } = await open()
  const csv = ['email', ...Array.from({ length: 1200 }, (_, index) => `a${index % 600}@b.co`)].join('\n')
  const { id } = await queue.enqueue(importContacts, { csv, webhook: receiver.url })
  // The first run enqueues everything, and its invocation is lost before it can say so.
  const [job] = await claimBy(driver, processA)
  await performImportContacts.handler(
    JSON.parse(job?.payload as string) as never,
    {
      signal: new AbortController().signal,
      progress() {},
      queue,
      childId: (key: string) => childId(id, key),
    } as never,
  )
  advance(60_001)

  let report = await queue.tick()
  while (report.more || report.pruned > 0) report = await queue.tick()

  expect(await queue.find(id)).toMatchObject({ state: 'finished', attempts: 2, result: { imported: 1200 } })
  expect(receiver.deliveries).toHaveLength(1200)
})

test('a CSV is fetched from a URL; a URL that is gone fails for good', async () => {
  const receiver = await receive()
  const { queue } = await open()
  const there = await queue.enqueue(importContacts, { url: await serve(200, 'email\na@b.co'), webhook: receiver.url })
  const gone = await queue.enqueue(importContacts, { url: await serve(404, ''), webhook: receiver.url })

  await queue.tick()

  expect(await queue.find(there.id)).toMatchObject({ state: 'finished', result: { imported: 1 } })
  expect(await queue.find(gone.id)).toMatchObject({
    state: 'failed',
    errors: [{ message: expect.stringMatching(/answered 404/) }],
  })
})

test.each([
  [200, 'finished'],
  [204, 'finished'],
  [302, 'failed'],
  [400, 'failed'],
  [404, 'failed'],
  [408, 'scheduled'],
  [429, 'scheduled'],
  [500, 'scheduled'],
  [503, 'scheduled'],
])('a receiver that answers %i: the delivery is %s', async (status, state) => {
  const receiver = await receive(() => status)
  const { queue } = await open()
  const { id } = await queue.enqueue(deliverWebhook, { url: receiver.url, payload: {} })

  await queue.tick()

  expect(await queue.find(id)).toMatchObject({ state, attempts: 1 })
  if (state === 'finished') expect((await queue.find(id))?.result).toEqual({ status })
})

test('a delivery keeps its id over its attempts, and is signed so that a receiver can verify it', async () => {
  let attempts = 0
  const receiver = await receive(() => ((attempts += 1) === 1 ? 500 : 200))
  const { queue, advance } = await open()
  const key = Buffer.from('a key of sixteen').toString('base64')
  const { id } = await queue.enqueue(deliverWebhook, {
    url: receiver.url,
    payload: { text: 'naïve 🦜' },
    secret: `whsec_${key}`,
  })

  await queue.tick()
  advance(60_000)
  await queue.tick()

  expect(receiver.deliveries.map(({ headers }) => [headers['webhook-id'], headers['webhook-attempt']])).toEqual([
    [id, '1'],
    [id, '2'],
  ])
  for (const { headers, body } of receiver.deliveries) {
    const signed = `${id}.${headers['webhook-timestamp']}.${body}`
    const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${expected}`)
  }
})

test.each([
  ['neither csv nor url', { webhook: 'http://a.b/' }, /payload\.csv: give either/],
  ['both', { csv: '', url: 'http://a.b/', webhook: 'http://a.b/' }, /payload\.csv: give either/],
  ['no webhook', { csv: 'email' }, /payload\.webhook/],
  ['a webhook of another protocol', { csv: 'email', webhook: 'file:///etc/passwd' }, /payload\.webhook/],
  ['a secret that is no base64', { csv: 'email', webhook: 'http://a.b/', secret: 'whsec_?' }, /payload\.secret/],
])('an import with %s is refused', async (_, payload, message) => {
  const { queue } = await open()

  const enqueueing = queue.enqueue(importContacts, payload as never)

  await expect(enqueueing).rejects.toThrow(PayloadError)
  await expect(enqueueing).rejects.toThrow(message)
})

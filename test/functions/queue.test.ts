import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { performDeliverWebhook } from '../../functions/deliver-webhook.ts'
import { performImportContacts } from '../../functions/import-contacts.ts'
import { deliverWebhook, importContacts, jobs } from '../../functions/queue.ts'
import { sendByNode } from '../../functions/send-by-node.ts'
import { readInnerHosts } from '../../functions/send.ts'
import { PayloadError } from '../../src/index.ts'
import { childId } from '../../src/job/child-id.ts'
import { migrate } from '../../src/migrate.ts'
import { claimBy, processA } from '../support/claims.ts'
import { databases } from '../support/databases.ts'
import { startReceiver } from '../support/receiver.ts'

const send = sendByNode({ innerHosts: readInnerHosts('127.0.0.1') })
const importing = performImportContacts(send)

async function open() {
  let now = Date.UTC(2026, 0, 1)
  const driver = databases.sqlite({ clock: () => now })
  onTestFinished(() => driver.close())
  await migrate(driver)
  return {
    driver,
    queue: jobs.attach({ driver }, { perform: [importing, performDeliverWebhook(send)] }),
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
  ...(['\r\n', '\n', '\r'] as const).map((first) => ({
    why: `lines that end in each of three ways, first in ${JSON.stringify(first)}`,
    csv: `name,email${first}Ada,a@b.co\r\nBob,c@d.co\nEve,d@e.co\rDan,e@f.co`,
    bodies: [
      '{"name":"Ada","email":"a@b.co"}',
      '{"name":"Bob","email":"c@d.co"}',
      '{"name":"Dan","email":"e@f.co"}',
      '{"name":"Eve","email":"d@e.co"}',
    ],
    skipped: [],
  })),
  {
    why: 'columns without a name, as at the end of a sheet',
    csv: 'email,,\na@b.co,1,2',
    bodies: ['{"email":"a@b.co"}'],
    skipped: [],
  },
  {
    why: 'quotes where none belong, and spaces around those that do',
    csv: 'email,name\na@b.co,Ada "A" L\nb@c.co,"Bob"B\nc@d.co,Eve\nd@e.co, "D ""E""" \ne@f.co,"x" y\nf@g.co,F',
    bodies: [
      '{"email":"a@b.co","name":"Ada \\"A\\" L"}',
      '{"email":"b@c.co","name":"\\"Bob\\"B"}',
      '{"email":"c@d.co","name":"Eve"}',
      '{"email":"d@e.co","name":"D \\"E\\""}',
      '{"email":"e@f.co","name":"\\"x\\" y"}',
      '{"email":"f@g.co","name":"F"}',
    ],
    skipped: [],
  },
  {
    why: 'a cell that is long: its reason is short',
    csv: `email\n${'x'.repeat(5000)}\na@b.co\na@${'a.'.repeat(500_000)}`,
    bodies: ['{"email":"a@b.co"}'],
    skipped: [
      { line: 2, reason: `"${'x'.repeat(100)}…" is no email address` },
      { line: 4, reason: `"a@${'a.'.repeat(49)}…" is no email address` },
    ],
  },
])('contacts are imported: $why', async ({ csv, bodies, skipped }) => {
  const receiver = await receive()
  const { queue } = await open()
  const { id } = await queue.enqueue(importContacts, { csv, webhook: receiver.url })

  await queue.tick()

  const job = await queue.find(id, importing)
  expect(job?.result).toEqual({ imported: bodies.length, skipped })
  expect(receiver.deliveries.map(({ body }) => body).toSorted()).toEqual(bodies)
})

test.each([
  ['no email column', 'name,age\nAda,1', /^The CSV needs a column "email"; none of its 2 is\.$/],
  ['nothing at all', '', /^The CSV is empty/],
  [
    'two columns for one name',
    'id,EMAIL,name,Email\n1,a@b.co,Ada,c@d.co',
    /^Columns 2 and 4 of the CSV .* "email"\. Rename one/,
  ],
  [
    'two columns of one other name',
    'name,email,name\nAda,a@b.co,Bob',
    /^Columns 1 and 3 of the CSV have the same name\. Rename one/,
  ],
  ['a column that cannot be stored', 'email,constructor\na@b.co,x', /^Column 2 of the CSV .* "constructor".*Rename it/],
  [
    'names of columns for each job to hold',
    `email,${'n'.repeat(2044)}\na@b.co,x`,
    /header of the CSV has 2049 characters; 2048/,
  ],
  ['cells without end', `email\na@b.co${','.repeat(1000)}`, /^Line 2 of the CSV has more than 1000 cells/],
  ['rows without end', `email${'\r'.repeat(50_000)}`, /^The CSV has 50001 lines; 50000 are the most\. Split it/],
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
  await importing.handler(
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
  const key = Buffer.from('a key of twenty-four byte').toString('base64')
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

import { expect, test } from 'vitest'
import { importContacts } from '../../functions/queue.ts'
import { childId } from '../../src/job/child-id.ts'
import { claimBy, processA } from '../support/claims.ts'
import { importing, openSample, receive, serve } from '../support/sample-queue.ts'
import { manage } from '../../src/manage/index.ts'
import { tick, work } from '../../src/ticks/index.ts'

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
    csv: `email\n${'x'.repeat(5000)}\na@b.co`,
    bodies: ['{"email":"a@b.co"}'],
    skipped: [{ line: 2, reason: `"${'x'.repeat(100)}…" is no email address` }],
  },
])('contacts are imported: $why', async ({ csv, bodies, skipped }) => {
  const receiver = await receive()
  const { queue } = await openSample()
  const { id } = await queue.enqueue(importContacts, { csv, webhook: receiver.url })

  await tick(queue)

  const job = await queue.find(id, { of: importing })
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
  const { queue } = await openSample()
  const { id } = await queue.enqueue(importContacts, { csv, webhook: 'http://127.0.0.1:9/' })

  await tick(queue)

  expect(await queue.find(id)).toMatchObject({ state: 'failed', errors: [{ message: expect.stringMatching(message) }] })
})

test('an import that was cut off and runs again enqueues no row twice', async () => {
  const receiver = await receive()
  const { queue, driver, advance } = await openSample()
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

  let report = await tick(queue)
  while (report.more || report.pruned > 0) report = await tick(queue)

  expect(await queue.find(id)).toMatchObject({ state: 'finished', attempts: 1, losses: 1, result: { imported: 1200 } })
  expect(receiver.deliveries).toHaveLength(1200)
})

test('a CSV is fetched from a URL; a URL that is gone fails for good', async () => {
  const receiver = await receive()
  const { queue } = await openSample()
  const there = await queue.enqueue(importContacts, { url: await serve(200, 'email\na@b.co'), webhook: receiver.url })
  const gone = await queue.enqueue(importContacts, { url: await serve(404, ''), webhook: receiver.url })

  await tick(queue)

  expect(await queue.find(there.id)).toMatchObject({ state: 'finished', result: { imported: 1 } })
  expect(await queue.find(gone.id)).toMatchObject({
    state: 'failed',
    errors: [{ message: expect.stringMatching(/answered 404/) }],
  })
})

test('a download that is too long fails for good, and nothing of it is imported', async () => {
  const receiver = await receive()
  const { queue } = await openSample()
  const url = await serve(200, `email\na@b.co\n${'x'.repeat(10_485_760)}`)
  const { id } = await queue.enqueue(importContacts, { url, webhook: receiver.url })

  await tick(queue)

  expect(await queue.find(id)).toMatchObject({
    state: 'failed',
    attempts: 1,
    errors: [{ message: expect.stringMatching(/ sent 10\d{6} bytes, and more; 10485760 are the most/) }],
  })
  expect(receiver.deliveries).toEqual([])
})

test('each job of an import has a copy of little', async () => {
  const { queue, driver } = await openSample()
  const before = { url: `http://a.b/${'p'.repeat(2037)}`, secret: 's'.repeat(256) }
  const csv = `email,${'n'.repeat(2043)}\na@b.co,x`
  await queue.enqueue(importContacts, { csv, webhook: before.url, secret: before.secret })

  await work(queue, { worker: 'default' })

  const [job] = await claimBy(driver, processA, { queues: ['webhooks'] })
  expect(JSON.parse(job?.payload as string)).toMatchObject(before)
  expect(job?.payload?.length).toBeLessThan(5000)
})

test('an import whose jobs would copy more than 32 MiB fails for good, in bytes of JSON', async () => {
  const { queue } = await openSample()
  const csv = `email,${'\u0001'.repeat(2000)}\n${'a@b.co,1\n'.repeat(4000)}`
  const { id } = await queue.enqueue(importContacts, { csv, webhook: 'https://a.b/' })

  await work(queue, { worker: 'default' })

  expect(await queue.find(id)).toMatchObject({
    state: 'failed',
    attempts: 1,
    errors: [{ message: expect.stringMatching(/^Each of 400\d jobs would hold a copy of the 12\d{3} bytes/) }],
  })
  expect((await manage(queue).jobs.list({ state: 'ready' })).items).toEqual([])
})

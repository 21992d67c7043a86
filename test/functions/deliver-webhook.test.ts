import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { deliverWebhook, importContacts } from '../../functions/queue.ts'
import { openSample, receive, serve } from '../support/sample-queue.ts'
import { tick } from '../../src/ticks/index.ts'

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
  const { queue } = await openSample()
  const { id } = await queue.enqueue(deliverWebhook, { url: receiver.url, payload: {} })

  await tick(queue)

  expect(await queue.find(id)).toMatchObject({ state, attempts: 1 })
  if (state === 'finished') expect((await queue.find(id))?.result).toEqual({ status })
})

test('a delivery keeps its id over its attempts, and is signed so that a receiver can verify it', async () => {
  let attempts = 0
  const receiver = await receive(() => ((attempts += 1) === 1 ? 500 : 200))
  const { queue, advance } = await openSample()
  const key = Buffer.from('a key of twenty-four byte').toString('base64')
  const { id } = await queue.enqueue(deliverWebhook, {
    url: receiver.url,
    payload: { text: 'naïve 🦜' },
    secret: `whsec_${key}`,
  })

  await tick(queue)
  advance(60_000)
  await tick(queue)

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

test('a receiver inside gets nothing, unless it is allowed: that is final', async () => {
  const receiver = await receive()
  const { queue } = await openSample()
  const url = receiver.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')
  const { id } = await queue.enqueue(deliverWebhook, { url, payload: 1 })

  await tick(queue)

  expect(await queue.find(id)).toMatchObject({
    state: 'failed',
    errors: [{ message: expect.stringMatching(/has no public address/) }],
  })
  expect(receiver.deliveries).toEqual([])
})

test('an error shows nothing of what a server answered, and of its URL the host', async () => {
  const { queue } = await openSample()
  const inner = await serve(200, 'root-password: hunter2,db: internal\n1,2')
  const refusing = await serve(500, 'root-password: hunter2')
  const enqueued = [
    await queue.enqueue(importContacts, { url: `${inner}?token=s3cret`, webhook: 'http://127.0.0.1:9/' }),
    await queue.enqueue(importContacts, { url: `${refusing}?token=s3cret`, webhook: 'http://127.0.0.1:9/' }),
    await queue.enqueue(deliverWebhook, { url: `${refusing}?token=s3cret`, payload: 1 }),
    await queue.enqueue(deliverWebhook, { url: 'http://127.0.0.1:9/s3cret', payload: 1 }),
  ]

  await tick(queue)

  const errors = await Promise.all(enqueued.map(async ({ id }) => (await queue.find(id))?.errors[0]?.message))
  expect(errors).toEqual([
    'The CSV needs a column "email"; none of its 2 is.',
    expect.stringMatching(/^http:\/\/127.0.0.1:\d+ answered 500\.$/),
    expect.stringMatching(/^http:\/\/127.0.0.1:\d+ answered 500\.$/),
    'http://127.0.0.1:9 gave no whole answer (ECONNREFUSED).',
  ])
})

import { createHmac } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { importContacts } from '../../functions/queue.ts'
import { openSample, receive } from '../support/sample-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { manage } from '../../src/manage/index.ts'
import { tick } from '../../src/ticks/index.ts'

test('a secret in the environment is in no job, and signs all deliveries of an import', async () => {
  vi.stubEnv('WEBHOOK_SECRET_ADA', 'a key of Ada')
  onTestFinished(() => void vi.unstubAllEnvs())
  const receiver = await receive()
  const { queue, driver } = await openSample()
  await queue.enqueue(importContacts, {
    csv: 'email\na@b.co\nb@c.co',
    webhook: receiver.url,
    secretName: 'WEBHOOK_SECRET_ADA',
  })

  await tick(queue)

  expect(receiver.deliveries).toHaveLength(2)
  for (const { headers, body } of receiver.deliveries) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', 'a key of Ada').update(signed).digest('base64')}`,
    )
  }
  const jobs = await rowsOf(driver, `select payload from ${table(driver, 'jobs')}`)
  expect(jobs).toHaveLength(3)
  expect(JSON.stringify(jobs)).not.toContain('a key of Ada')
})

test('an import whose secret is not in the environment enqueues nothing, and waits for it', async () => {
  vi.stubEnv('WEBHOOK_SECRET_EVE', 'whsec_short')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { queue } = await openSample()
  const signing = ['WEBHOOK_SECRET_NOBODY', 'WEBHOOK_SECRET_EVE']
  const enqueued = await queue.enqueueAll(
    importContacts,
    signing.map((secretName) => ({ csv: 'email\na@b.co', webhook: 'http://127.0.0.1:9/', secretName })),
  )

  await tick(queue)

  const found = await Promise.all(enqueued.map(({ id }) => queue.find(id)))
  expect(found.map((job) => [job?.state, job?.errors[0]?.message])).toEqual([
    ['scheduled', expect.stringMatching(/^There is no WEBHOOK_SECRET_NOBODY in the environment/)],
    ['scheduled', expect.stringMatching(/^WEBHOOK_SECRET_EVE is no secret: use a text, or/)],
  ])
  expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: 0 }, scheduled: { count: 2 } })
})

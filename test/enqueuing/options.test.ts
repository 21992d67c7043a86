import { expect, test } from 'vitest'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { ConfigurationError, defineQueue, PayloadError, task, typed } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { migrate } from '../../src/migrate.ts'
import { testQueue } from '../../src/testing/index.ts'
import { silent } from '../support/open-queue.ts'

const mail = task('mail', { input: typed<{ to: string }>(), run: ({ to }) => `sent to ${to}` })
const ping = task('ping', { run: () => 'pong' })
const elsewhere = task('elsewhere')
const jobs = defineQueue({
  tasks: [mail, ping, elsewhere],
  logger: silent,
  connect: () => {
    throw new Error('A test queue has a database of its own.')
  },
})
const open = () => testQueue(jobs, { now: new Date('2026-01-01T00:00:00Z'), perform: [elsewhere.perform(() => {})] })

const due = new Date('2026-01-01T00:05:00Z')
const later = { runAfter: '5m', queue: 'slow', priority: 3 } as const
const asAsked = { state: 'scheduled', queue: 'slow', priority: 3, scheduledAt: due }

test('the options of a job are the argument after its payload, wherever it is enqueued', async () => {
  const queue = await open()
  const inside = queue.in({} as never)

  const enqueued = [
    await queue.enqueue(mail, { to: 'a' }, later),
    await queue.enqueue(ping, undefined, later),
    ...(await queue.enqueueAll(mail, [{ to: 'b' }, { to: 'c' }], later)),
    ...(await queue.enqueueAll([mail.using(later).call({ to: 'd' }), ping.using(later).call()])),
    await inside.enqueue(mail, { to: 'e' }, later),
    ...(await inside.enqueueAll(mail, [{ to: 'f' }], later)),
  ]

  expect(enqueued).toHaveLength(8)
  for (const job of enqueued) expect(await queue.find(job)).toMatchObject(asAsked)
})

test('what is prepared has the options of its job', async () => {
  const queue = await open()
  const one = queue.prepare(mail, { to: 'a' }, later)
  const several = queue.prepareAll(mail, [{ to: 'b' }, { to: 'c' }], later)

  await queue.driver.batch([...one.statements, ...several.statements])

  for (const job of [one.job, ...several.jobs]) expect(await queue.find(job)).toMatchObject(asAsked)
})

test('the options of a call come before those that using set', async () => {
  const queue = await open()

  const job = await queue.enqueue(
    mail.using({ queue: 'slow', priority: 1 }),
    { to: 'a' },
    { priority: 2, queue: undefined },
  )

  expect(await queue.find(job)).toMatchObject({ queue: 'slow', priority: 2 })
})

test('an option that is not known, or cannot be, is refused', async () => {
  const queue = await open()
  const misspelt = { runafter: '5m' } as never

  await expect(queue.enqueue(mail, { to: 'a' }, misspelt)).rejects.toThrow(
    'The options for task "mail" cannot be used:\n- runafter: is not known; there are queue, priority, runAfter, id',
  )
  await expect(queue.enqueueAll(mail, [{ to: 'a' }], misspelt)).rejects.toThrow(ConfigurationError)
  await expect(queue.enqueueAll(mail, [{ to: 'a' }], { id: newId() })).rejects.toThrow(
    /one id cannot be that of several/,
  )
  expect(() => mail.using(misspelt)).toThrow(ConfigurationError)
})

test.each([ping, elsewhere])('options are no payload of a task that takes none: $name', async (without) => {
  const queue = await open()
  const wrong = [without as never, { runAfter: '5m' } as never] as const

  await expect(queue.enqueue(...wrong)).rejects.toThrow(PayloadError)
  await expect(queue.enqueue(...wrong)).rejects.toThrow(
    `payload: task "${without.name}" takes none; give it an \`input\`, or its \`run\` a parameter. Options come after the payload: enqueue(task, undefined, { … })`,
  )
  await queue.expectNothingEnqueued()
})

test('a payload of null is none: JSON has no undefined', async () => {
  const queue = await open()

  await expect(queue.enqueue(ping, null as never)).resolves.toMatchObject({ state: 'ready' })
})

test('find and result take what enqueue gave, or an id', async () => {
  const queue = await open()
  const job = await queue.enqueue(mail, { to: 'a' })
  await queue.drain()

  expect(await queue.result(job)).toBe('sent to a')
  expect(await queue.result(job.id)).toBe('sent to a')
  expect(await queue.find(job)).toEqual(await queue.find(job.id))
})

test('the wait for a result ends at the abort of its signal', async () => {
  const driver = sqlite(':memory:')
  await migrate(driver)
  const queue = defineQueue({ tasks: [mail], logger: silent, connect: () => ({ driver }) }).open()
  const job = await queue.enqueue(mail, { to: 'a' })

  await expect(queue.result(job, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
})

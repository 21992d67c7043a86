import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineQueue, fixed, model, task } from '../../src/index.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue, silent } from '../support/open-queue.ts'
import { deaf, endless, flaky, greet, hopeless } from '../support/tasks.ts'
import { tick, work } from '../../src/ticks/index.ts'

class Contact {
  readonly id: number
  readonly email: string

  constructor(id: number, email: string) {
    this.id = id
    this.email = email
  }
}

export function performing(database: OpenDatabase): void {
  test('a job is performed, and found with its result', async () => {
    const { queue, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'World' })

    advance(5000)
    const report = await tick(queue)

    expect(report).toMatchObject({ claimed: 1, succeeded: 1, more: false })
    expect(await queue.find(id, { of: greet })).toMatchObject({
      state: 'finished',
      outcome: 'succeeded',
      attempts: 1,
      result: { greeting: 'Hello, World', at: new Date(0) },
      startedAt: new Date('2026-01-01T00:00:05Z'),
      finishedAt: new Date('2026-01-01T00:00:05Z'),
    })
  })

  test('a failed job runs again after its backoff, and keeps its error', async () => {
    const { queue, advance } = await openQueue(database)
    const { id } = await queue.enqueue(flaky)

    await tick(queue)
    const between = await queue.find(id)
    advance(60_000)
    await tick(queue)

    expect(between).toMatchObject({ state: 'scheduled', attempts: 1, scheduledAt: new Date('2026-01-01T00:01:00Z') })
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      attempts: 2,
      result: 2,
      errors: [{ name: 'Error', message: 'not yet', attempt: 1, at: new Date('2026-01-01') }],
    })
  })

  test('a job that fails with its last attempt is failed, and keeps its last ten errors', async () => {
    const stubborn = task('stubborn', {
      maxAttempts: 12,
      backoff: fixed(0),
      run: (_: unknown, { attempt }) => {
        throw new Error(`attempt ${attempt}`)
      },
    })
    const { queue } = await openQueue(database, { tasks: [stubborn] })
    const { id } = await queue.enqueue(stubborn)

    for (let ticks = 0; ticks < 12; ticks += 1) await tick(queue)

    const job = await queue.find(id)
    expect(job).toMatchObject({ state: 'failed', attempts: 12, finishedAt: null })
    expect(job?.errors.map(({ message }) => message)).toEqual(
      Array.from({ length: 10 }, (_, index) => `attempt ${index + 3}`),
    )
  })

  test('a FinalError fails the job at once', async () => {
    const { queue } = await openQueue(database)
    const { id } = await queue.enqueue(hopeless)

    const report = await tick(queue)

    expect(report).toMatchObject({ failed: 1, retried: 0 })
    expect(await queue.find(id)).toMatchObject({ state: 'failed', attempts: 1, errors: [{ name: 'FinalError' }] })
  })

  test.each([
    ['heeds its signal', endless],
    ['does not', deaf],
  ])('a performing that takes longer than its timeout fails, whether it %s', async (_, { '~': { run } }) => {
    const slow = task('slow', { timeout: '20ms', run: run as (_: undefined) => Promise<void> })
    const { queue } = await openQueue(database, { tasks: [slow] })
    const { id } = await queue.enqueue(slow)

    await tick(queue)

    expect(await queue.find(id)).toMatchObject({ state: 'failed', errors: [{ name: 'JobTimeoutError' }] })
  })

  test('a job whose task this deployment does not have fails, and says so', async () => {
    const { queue, driver } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'World' })

    await tick(defineQueue({ tasks: [flaky], connect: () => ({ driver }), logger: silent }).open())

    expect(await queue.find(id)).toMatchObject({
      state: 'failed',
      errors: [{ name: 'UnknownTaskError', message: expect.stringContaining('"greet"') }],
    })
  })

  test('the handler gets what the schema made of the payload, not what was stored', async () => {
    const dated = task('dated', { input: z.object({ at: z.coerce.date() }), run: ({ at }) => at.getTime() })
    const { queue } = await openQueue(database, { tasks: [dated] })
    const { id } = await queue.enqueue(dated, { at: '2026-01-01' })

    await tick(queue)

    expect(await queue.find(id)).toMatchObject({ payload: { at: '2026-01-01' }, result: Date.UTC(2026, 0, 1) })
  })

  test('a stored payload that the schema no longer accepts fails for good', async () => {
    const older = task('changed', { run: () => {} })
    const newer = task('changed', { input: z.object({ id: z.string() }), maxAttempts: 5, run: () => {} })
    const { queue, driver } = await openQueue(database, { tasks: [older] })
    const { id } = await queue.enqueue(older, undefined)

    await tick(defineQueue({ tasks: [newer], connect: () => ({ driver }), logger: silent }).open())

    expect(await queue.find(id)).toMatchObject({ state: 'failed', attempts: 1, errors: [{ name: 'PayloadError' }] })
  })

  test('a model is loaded when its job runs; one that is gone by then fails the job for good', async () => {
    const emails = new Map([[1, 'old@a.b']])
    const contact = model('contact', {
      class: Contact,
      id: ({ id }) => id,
      load: (id: number) => {
        const email = emails.get(id)
        return email === undefined ? null : new Contact(id, email)
      },
    })
    const welcome = task('welcome', { maxAttempts: 5, run: ({ to }: { to: Contact }) => to.email })
    const { queue } = await openQueue(database, { tasks: [welcome], models: [contact] })
    const there = await queue.enqueue(welcome, { to: new Contact(1, 'old@a.b') })
    const gone = await queue.enqueue(welcome, { to: new Contact(2, 'gone@a.b') })
    emails.set(1, 'new@a.b')

    await tick(queue)

    expect(await queue.find(there.id)).toMatchObject({
      payload: { to: { model: 'contact', id: 1 } },
      result: 'new@a.b',
    })
    expect(await queue.find(gone.id)).toMatchObject({
      state: 'failed',
      attempts: 1,
      errors: [{ name: 'DeserializationError', message: expect.stringContaining('contact 2') }],
    })
  })

  test('a result that cannot be stored fails the job, and the work is not done again', async () => {
    const odd = task('odd', { maxAttempts: 5, run: () => ({ socket: () => {} }) })
    const { queue } = await openQueue(database, { tasks: [odd] })
    const { id } = await queue.enqueue(odd)

    await tick(queue)

    expect(await queue.find(id)).toMatchObject({
      state: 'failed',
      errors: [{ name: 'FinalError', message: expect.stringContaining('result.socket') }],
    })
  })

  test('progress is kept, and enqueues in a handler under childId are stored once', async () => {
    const parent = task('parent', {
      maxAttempts: 2,
      backoff: fixed(0),
      run: async (_: unknown, { queue, childId, progress, attempt }) => {
        progress({ done: attempt })
        const { id } = await queue.enqueue(greet, { name: 'child' }, { id: await childId('first') })
        if (attempt === 1) throw new Error('cut off')
        return id
      },
    })
    const { queue } = await openQueue(database, { tasks: [parent] })
    const { id } = await queue.enqueue(parent)

    await work(queue)
    const between = await queue.find(id)
    await tick(queue)
    const last = await tick(queue)

    const job = await queue.find(id)
    expect(between).toMatchObject({ progress: { done: 1 } })
    expect(job).toMatchObject({ state: 'finished', progress: { done: 2 } })
    expect(await queue.find(job?.result as string)).toMatchObject({ state: 'finished', attempts: 1 })
    expect(last.claimed).toBe(0)
  })

  test('hooks and loggers that throw change nothing', async () => {
    const { driver, queue } = await openQueue(database)
    const fail = () => {
      throw new Error('a hook')
    }
    const broken = defineQueue({
      tasks: [greet],
      connect: () => ({ driver }),
      logger: { debug: fail, info: fail, warn: fail, error: fail },
      on: { 'job.started': fail, 'job.succeeded': async () => fail(), 'tick.started': fail },
    }).open()
    const { id } = await broken.enqueue(greet, { name: 'World' })

    await tick(broken)

    expect((await queue.find(id))?.state).toBe('finished')
  })

  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const thrown = {
    'an error whose name throws': () => Object.defineProperty(new Error('odd'), 'name', { get: fail }),
    'a revoked Proxy': revoked,
    'a Proxy without a prototype': () => new Proxy({}, { getPrototypeOf: fail }),
  }
  const places = {
    'a handler': (make: () => unknown) => ({ run: () => rejected(make) }),
    'the check of a schema': (make: () => unknown) => ({
      input: schemaOf((times) => (times === 1 ? { value: null } : rejected(make))),
      run: () => {},
    }),
  }
  for (const [place, options] of Object.entries(places))
    test.each(Object.entries(thrown))(`${place} may throw anything, and its job alone fails: %s`, async (_, make) => {
      const odd = task('odd', { maxAttempts: 2, backoff: fixed(0), ...options(make) } as never)
      const { queue } = await openQueue(database, { tasks: [odd] })
      const { id } = await queue.enqueue(odd)
      const other = await queue.enqueue(greet, { name: 'World' })

      const report = await tick(queue)
      const again = await tick(queue)

      expect([report.succeeded, report.retried + report.failed + again.retried + again.failed]).toEqual([1, 2])
      expect(await queue.find(String(id))).toMatchObject({ state: 'failed', attempts: 2 })
      expect((await queue.find(other.id))?.state).toBe('finished')
    })

  test('a timeout begins when the payload is read', async () => {
    const never = schemaOf((times) => (times === 1 ? { value: null } : new Promise(() => {})))
    const slow = task('slow', { timeout: '20ms', input: never, run: () => {} })
    const { queue } = await openQueue(database, { tasks: [slow] })
    const { id } = await queue.enqueue(slow, null)

    const report = await tick(queue)

    expect(report.failed).toBe(1)
    expect((await queue.find(id))?.errors).toMatchObject([{ name: 'JobTimeoutError' }])
  })

  test('a timeout of more than 24 days does not pass at once', async () => {
    const long = task('long', { timeout: '30d', run: () => new Promise<void>((resolve) => setTimeout(resolve, 50)) })
    const { queue } = await openQueue(database, { tasks: [long] })
    await queue.enqueue(long)

    expect(await tick(queue)).toMatchObject({ succeeded: 1, failed: 0 })
  })

  test('what a handler returns is data, whatever a predicate of a model says of it', async () => {
    const read = task('read', { run: () => ({ who: { type: 'contact', id: 42 } }) })
    const contacts = model('contact', {
      is: (value): value is { type: string; id: number } => 'type' in value,
      id: ({ id }) => id,
      load: () => ({ type: 'contact', id: 42, email: 'a@b.c' }),
    })
    const { queue } = await openQueue(database, { tasks: [read], models: [contacts] })
    const { id } = await queue.enqueue(read)

    await tick(queue)

    expect((await queue.find(id, { of: read }))?.result).toEqual({ who: { type: 'contact', id: 42 } })
  })
}

const fail = (): never => {
  throw new Error('look away')
}

/** Rejects with what is made. A promise could not be resolved with it. */
const rejected = (make: () => unknown): never => {
  throw make()
}

/** A Standard Schema that answers by how often it was asked. */
const schemaOf = (validate: (times: number) => unknown) => {
  let times = 0
  return {
    '~standard': { version: 1, vendor: 'test', validate: () => validate((times += 1)) },
  } as StandardSchemaV1<null, null>
}

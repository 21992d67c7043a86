import { expect, onTestFinished, test, vi } from 'vitest'
import {
  DatabaseError,
  defineQueue,
  type Duration,
  exponential,
  fixed,
  JobFailedError,
  model,
  type QueueDefinition,
  task,
  type Task,
  type Transaction,
  typed,
  UnknownJobError,
} from '../../src/index.ts'
import { NotPerformedError, testQueue } from '../../src/testing/index.ts'
import { silent } from '../support/open-queue.ts'
import { flaky, Gate, greet, hopeless } from '../support/tasks.ts'
import { manage } from '../../src/manage/index.ts'
import { schedule, tick, work } from '../../src/ticks/index.ts'

const now = new Date('2026-01-01T00:00:00Z')

const define = <const Tasks extends readonly Task[]>(tasks: Tasks, options = {}): QueueDefinition<Tasks> =>
  defineQueue({
    tasks,
    logger: silent,
    connect: (_: never) => {
      throw new Error('A test queue has a database of its own.')
    },
    ...options,
  })

test('the queue of any definition is opened in memory, with its clock at the present time', async () => {
  const before = Date.now()
  const queue = await testQueue(define([greet]))
  const { id } = await queue.enqueue(greet, { name: 'Ada' })

  expect(await queue.find(id)).toMatchObject({ state: 'ready', enqueuedAt: queue.now })
  expect(queue.now.getTime()).toBeGreaterThanOrEqual(before)
  expect(queue.now.getTime()).toBeLessThanOrEqual(Date.now())
})

test('drain performs what is ready, by the handlers of the tasks and the performers given', async () => {
  const shout = task('shout', { input: typed<string>() })
  const performShout = shout.perform((text) => text.toUpperCase())
  const queue = await testQueue(define([greet, shout]), { perform: [performShout] })
  const [first, second] = [await queue.enqueue(greet, { name: 'Ada' }), await queue.enqueue(shout, 'hey')]

  const worked = await queue.drain()

  expect(worked).toEqual({ claimed: 2, succeeded: 2, retried: 0, failed: 0, released: 0, cancelled: 0, stale: 0 })
  expect(await queue.result(first.id, { of: greet })).toEqual({ greeting: 'Hello, Ada', at: new Date(0) })
  expect(await queue.result(second.id, { of: performShout })).toBe('HEY')
})

test('a performer of the test stands in for the handler of a task', async () => {
  const standIn = vi.fn<(payload: { name: string }) => string>(() => 'Hi')
  const queue = await testQueue(define([greet]), { perform: [greet.perform(standIn)] })
  const { id } = await queue.enqueue(greet, { name: 'Ada' })

  await queue.drain()

  expect(standIn).toHaveBeenCalledExactlyOnceWith({ name: 'Ada' }, expect.objectContaining({ attempt: 1 }))
  expect(await queue.result(id)).toBe('Hi')
})

test('drain counts what failed, and throws nothing', async () => {
  const queue = await testQueue(define([greet, flaky, hopeless]))
  await queue.enqueueAll([greet.call({ name: 'Ada' }), flaky.call({}), hopeless.call()])

  expect(await queue.drain()).toMatchObject({ claimed: 3, succeeded: 1, retried: 1, failed: 1 })
})

test('drain performs what jobs enqueue, whichever worker takes it, and ends', async () => {
  const steps: string[] = []
  const step = task('step', {
    run: async ({ name, next = [] }: { name: string; next?: readonly string[] }, { queue }) => {
      steps.push(name)
      const [first, ...rest] = next
      if (first) await queue.enqueue(step, { name: first, next: rest }, { queue: first })
    },
  })
  const workers = { first: { queues: ['default', 'b'] }, second: { queues: ['a'] } }
  const queue = await testQueue(define([step], { workers }))
  await queue.enqueue(step, { name: 'root', next: ['a', 'b', 'a', 'default'] })

  const worked = await queue.drain()

  expect(steps).toEqual(['root', 'a', 'b', 'a', 'default'])
  expect(worked).toMatchObject({ claimed: 5, succeeded: 5 })
})

test.each([
  {
    why: 'a job that enqueues itself',
    of: (): Task => {
      const forever = task('forever', {
        run: async (_: unknown, { queue }) => void (await queue.enqueue(forever)),
      })
      return forever
    },
    count: 1,
  },
  {
    why: 'jobs that run again at once',
    of: (): Task =>
      task('forever', {
        maxAttempts: 1000,
        backoff: fixed(0),
        run: () => {
          throw new Error('no')
        },
      }),
    count: 11,
  },
])('drain ends with an error that says what does not end: $why', async ({ of, count }) => {
  const forever = of()
  const queue = await testQueue(define([greet, forever]))
  await queue.enqueueAll([greet.call({ name: 'Ada' }), ...Array.from({ length: count }, () => forever.call())])

  await expect(queue.drain()).rejects.toMatchObject({
    code: 'DRAIN_ENDLESS',
    message: expect.stringContaining('after 2000 performings: "forever" 1999 times, "greet" 1 times.'),
  })
  expect(await manage(queue).jobs.faults()).toEqual([])
})

test('drain leaves what waits: for its time, or for its queue to be resumed', async () => {
  const queue = await testQueue(define([greet]))
  const scheduled = await queue.enqueue(greet, { name: 'Ada' }, { runAfter: 1 })
  const paused = await queue.enqueue(greet, { name: 'Bob' }, { queue: 'paused' })
  await manage(queue).queues.pause('paused')

  const before = await queue.drain()
  const states = [(await queue.find(scheduled.id))?.state, (await queue.find(paused.id))?.state]
  await manage(queue).queues.resume('paused')
  await queue.advance(1)
  const after = await queue.drain()

  expect(before).toMatchObject({ claimed: 0 })
  expect(states).toEqual(['scheduled', 'ready'])
  expect(after).toMatchObject({ succeeded: 2 })
})

test('the clock stands still, and moves as far as it is told to', async () => {
  const queue = await testQueue(define([greet]), { now })

  const before = queue.now
  before.setFullYear(1970)
  await queue.advance('1h')
  await queue.advance(1)
  const { id } = await queue.enqueue(greet, { name: 'Ada' })
  await queue.drain()

  const later = new Date('2026-01-01T01:00:00.001Z')
  expect(queue.now).toEqual(later)
  expect(await queue.find(id)).toMatchObject({ enqueuedAt: later, startedAt: later, finishedAt: later })
})

test.each<[string, readonly Duration[]]>([
  ['in one step', ['1d']],
  ['far beyond', ['365d']],
  ['in small steps', [...Array<Duration>(23).fill('1h'), '59m', '59.999s', 1]],
])('a job runs once it is due, and not before: %s', async (_, steps) => {
  const queue = await testQueue(define([greet]), { now })
  await queue.enqueue(greet, { name: 'a duration' }, { runAfter: '1d' })
  await queue.enqueue(greet, { name: 'an instant' }, { runAfter: new Date('2026-01-02T00:00:00Z') })

  const succeeded: number[] = []
  for (const step of steps) {
    await queue.advance(step)
    succeeded.push((await queue.drain()).succeeded)
  }

  expect(succeeded).toEqual([...steps.slice(1).map(() => 0), 2])
})

test('a job that failed runs again after its backoff, to the millisecond', async () => {
  const failing = task('failing', {
    maxAttempts: 4,
    backoff: exponential('10s'),
    run: () => {
      throw new Error('no')
    },
  })
  const queue = await testQueue(define([failing]), { now })
  const { id } = await queue.enqueue(failing)

  const waits: (number | undefined)[] = []
  for (let attempt = 1; attempt < 4; attempt += 1) {
    await queue.drain()
    const due = (await queue.find(id))?.scheduledAt.getTime() as number
    const wait = due - queue.now.getTime()
    await queue.advance(wait - 1)
    expect(await queue.drain()).toMatchObject({ claimed: 0 })
    await queue.advance(1)
    waits.push(wait)
  }
  await queue.drain()

  expect(waits).toEqual([10_000, 20_000, 40_000])
  expect(await queue.find(id)).toMatchObject({ state: 'failed', attempts: 4 })
})

test('a job whose invocation was lost runs again when the lease is over', async () => {
  const gate = new Gate()
  const started = Promise.withResolvers<void>()
  const queue = await testQueue(define([gate.task], { on: { 'job.started': () => started.resolve() } }))
  const { id } = await queue.enqueue(gate.task)
  const lost = work(queue)
  await started.promise

  await queue.advance('299s')
  await queue.drain()
  const held = await queue.find(id)
  await queue.advance('1s')
  gate.open()
  const worked = await queue.drain()

  expect(held).toMatchObject({ state: 'claimed' })
  expect(worked).toMatchObject({ succeeded: 1 })
  expect(await queue.find(id)).toMatchObject({
    state: 'finished',
    attempts: 1,
    losses: 1,
    errors: [{ name: 'ProcessPrunedError' }],
  })
  expect(await lost).toMatchObject({ stale: 1 })
})

test('a handler may move the clock beyond its lease, and what follows is performed', async () => {
  const slow = task('slow', { run: (): Promise<void> => queue.advance('10m') })
  const queue = await testQueue(define([slow], { workers: { default: { concurrency: 1 } } }), { now })
  await queue.enqueueAll(slow, [undefined, undefined, undefined])

  expect(await queue.drain()).toMatchObject({ claimed: 3, succeeded: 3 })
  expect(queue.now).toEqual(new Date('2026-01-01T00:30:00Z'))
})

test('drain clears nothing; a tick clears what is past its retention', async () => {
  const queue = await testQueue(define([greet]))
  await queue.enqueue(greet, { name: 'Ada' })
  await queue.drain()
  await queue.advance('2d')

  await queue.drain()
  const kept = await queue.enqueued(greet)
  const { cleared } = await tick(queue)

  expect(kept).toMatchObject([{ state: 'finished' }])
  expect(cleared).toBe(1)
  expect(await queue.enqueued(greet)).toEqual([])
})

test('a tick says by the clock of the queue when the next job is due', async () => {
  const queue = await testQueue(define([greet]), { now })
  const idle = await tick(queue)
  await queue.enqueue(greet, { name: 'Ada' }, { runAfter: '90s' })
  await queue.advance('30s')

  const { nextDueAt } = await tick(queue)

  expect(idle.nextDueAt).toBeNull()
  expect(nextDueAt).toEqual(new Date('2026-01-01T00:01:30Z'))
})

test('what was enqueued is listed in its order, whatever its ids, with payloads and results as they were', async () => {
  class Contact {
    readonly id: number
    constructor(id: number) {
      this.id = id
    }
  }
  const remind = task('remind', {
    run: ({ at }: { at: Date; tags?: Map<string, Set<bigint>>; contact?: Contact }) => at,
  })
  const remindAll = task('remind-all', {
    run: async (dates: readonly Date[], { queue, childId }) => {
      for (const [index, at] of dates.entries()) await queue.enqueue(remind, { at }, { id: await childId(`${index}`) })
    },
  })
  const contact = model('contact', { class: Contact, id: ({ id }) => id, load: (id: number) => new Contact(id) })
  const queue = await testQueue(define([remind, remindAll], { models: [contact] }))
  const dates = Array.from({ length: 8 }, (_, year) => new Date(Date.UTC(2000 + year)))
  const payload = { at: new Date(0), tags: new Map([['a', new Set([1n])]]), contact: new Contact(7) }

  await queue.enqueue(remindAll, dates)
  await queue.drain()
  await queue.enqueue(remind, payload)

  const jobs = await queue.enqueued(remind)
  expect(jobs.map((job) => job.payload)).toEqual([...dates.map((at) => ({ at })), payload])
  expect(jobs.map((job) => job.result)).toEqual([...dates, undefined])
  expect(jobs.at(-1)?.payload.contact).toBeInstanceOf(Contact)
  expect(jobs.map((job) => job.state)).toEqual([...dates.map(() => 'finished'), 'ready'])
})

test('the result of a job that has not ended is refused at once, with what to call first', async () => {
  const queue = await testQueue(define([greet, hopeless]), { now: new Date('2026-01-01') })
  const { id } = await queue.enqueue(greet, { name: 'Ada' })
  const later = await queue.enqueue(greet, { name: 'Bob' }, { runAfter: '1h' })
  const failed = await queue.enqueue(hopeless)
  const result = (job: { id: string }) => queue.result(job.id, { of: greet })

  await expect(result({ id })).rejects.toThrow(NotPerformedError)
  await expect(result({ id })).rejects.toThrow(
    `Job ${id} is ready. A test queue performs nothing by itself: call drain()`,
  )
  await expect(result(later)).rejects.toThrow(
    'is scheduled for 2026-01-01T01:00:00.000Z, and the clock of the test queue stands at 2026-01-01T00:00:00.000Z. Call advance(), then drain()',
  )
  await queue.drain()
  await queue.advance('1h')
  await expect(result(later)).rejects.toThrow('is scheduled. A test queue performs nothing by itself: call drain()')
  await queue.drain()
  expect(await queue.result(later.id, { of: greet })).toMatchObject({ greeting: 'Hello, Bob' })
  await expect(result(failed)).rejects.toThrow(JobFailedError)
  await expect(result(failed)).rejects.toMatchObject({
    message: `Job ${failed.id} failed: FinalError: never`,
    job: { id: failed.id, task: 'hopeless', state: 'failed' },
    error: { name: 'FinalError', message: 'never', attempt: 1 },
  })
  await expect(result({ id: later.id.replace(/.$/, later.id.endsWith('0') ? '1' : '0') })).rejects.toThrow(
    UnknownJobError,
  )
})

test('a job that was discarded and enqueued anew is listed once, where it was enqueued last', async () => {
  const queue = await testQueue(define([greet]))
  const id = '01900000-0000-7000-8000-000000000001'
  await queue.enqueue(greet, { name: 'Ada' }, { id })
  await queue.enqueue(greet, { name: 'Bob' })
  await manage(queue).jobs.discard(id)
  await queue.enqueue(greet, { name: 'Ada' }, { id })

  expect((await queue.enqueued(greet)).map(({ payload }) => payload.name)).toEqual(['Bob', 'Ada'])
})

test('in a transaction of another database it just enqueues, also inside a handler', async () => {
  const elsewhere: Transaction = { query: () => Promise.reject(new Error('It is of another database.')) }
  const id = '01900000-0000-7000-8000-000000000001'
  const inHandler = task('in-handler', {
    run: async (_: unknown, { queue }) => void (await queue.in(elsewhere).enqueue(greet, { name: 'Eve' })),
  })
  const queue = await testQueue(define([greet, inHandler]))

  const first = await queue.in(elsewhere).enqueue(greet, { name: 'Ada' }, { id })
  const again = await queue.in(elsewhere).enqueue(greet, { name: 'Ada' }, { id })
  const later = await queue.in(elsewhere).enqueueAll(greet.using({ runAfter: '1m' }), [{ name: 'Bob' }])
  await queue.enqueue(inHandler, null)
  const worked = await queue.drain()

  expect([first, again]).toEqual([
    { id, state: 'ready', created: true },
    { id, state: 'ready', created: false },
  ])
  expect(later).toMatchObject([{ state: 'scheduled' }])
  expect(worked).toMatchObject({ succeeded: 3 })
  expect((await queue.enqueued(greet)).map(({ payload }) => payload.name)).toEqual(['Ada', 'Bob', 'Eve'])
})

test('recurring tasks begin as it is opened, and occur when they are told to', async () => {
  const recurring = { daily: { task: greet, payload: { name: 'Ada' }, schedule: '0 10 * * *' } }
  const queue = await testQueue(define([greet], { recurring }), { now: new Date('2026-01-01T09:00Z') })

  await queue.advance('1h')
  await queue.drain()
  await queue.expectNothingEnqueued()
  await schedule(queue)

  await queue.expectEnqueued(greet, { name: 'Ada' }, { times: 1 })
  expect(await queue.drain()).toMatchObject({ succeeded: 1 })
})

test('two test queues share nothing', async () => {
  const jobs = define([greet])
  const [one, other] = [await testQueue(jobs, { now }), await testQueue(jobs, { now })]

  await one.enqueue(greet, { name: 'Ada' })
  await one.advance('1m')

  expect(await other.enqueued(greet)).toEqual([])
  expect(other.now).toEqual(now)
})

test('the hooks of the definition are told', async () => {
  const finished = vi.fn<() => void>()
  const queue = await testQueue(define([greet], { on: { 'job.finished': finished } }))
  await queue.enqueue(greet, { name: 'Ada' })

  await queue.drain()

  expect(finished).toHaveBeenCalledOnce()
})

test('it works where Date is replaced, and begins at that time', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now })
  onTestFinished(() => void vi.useRealTimers())
  const queue = await testQueue(define([greet]))
  await queue.enqueue(greet, { name: 'Ada' })

  expect(await queue.drain()).toMatchObject({ succeeded: 1 })
  expect(queue.now).toEqual(now)
})

test('it is closed when its scope ends', async () => {
  const jobs = define([greet])
  const opened = async () => {
    await using queue = await testQueue(jobs)
    await queue.enqueue(greet, { name: 'Ada' })
    return queue
  }

  const queue = await opened()

  await expect(queue.enqueue(greet, { name: 'Bob' })).rejects.toBeInstanceOf(DatabaseError)
})

test('what cannot be is refused', async () => {
  const jobs = define([greet])
  const queue = await testQueue(jobs)

  await expect(testQueue(jobs, { now: new Date('soon') })).rejects.toThrow(/now: an invalid Date/)
  await expect(testQueue(jobs, { perform: [hopeless.perform(() => 1)] as never })).rejects.toThrow(/no task "hopeless"/)
  await expect(queue.advance(-1)).rejects.toThrow(/advance\(\): -1 is no duration/)
  await expect(queue.advance('soon' as never)).rejects.toThrow(/"soon" is no duration/)
  await expect(queue.enqueued(hopeless)).rejects.toThrow(/Task "hopeless".*\n.*not in the `tasks`/)
})

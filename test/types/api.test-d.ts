import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineConfig } from '../../src/cli/config.ts'
import {
  defineQueue,
  type Job,
  type Performer,
  type Elsewhere,
  type Queue,
  type Task,
  task,
  typed,
} from '../../src/index.ts'
import { ticks } from '../../src/platforms/cloudflare.ts'
import { manage } from '../../src/manage/index.ts'
import { testQueue } from '../../src/testing/index.ts'
import { dispatch, run, tick, work } from '../../src/ticks/index.ts'

declare const queue: Queue

const deliver = task('deliver', {
  input: z.object({ url: z.url(), at: z.coerce.date<string>() }),
  maxAttempts: 5,
})
const greet = task('greet', { run: ({ name }: { name: string }) => ({ greeting: name }) })
const ping = task('ping', { run: () => 'pong' })
const plain = task('plain')
const fetches = task('fetches', { input: typed<{ url: string }>() })
const performDeliver = deliver.perform(async ({ at }) => ({ status: at.getTime() }))

const connect = () => ({ driver: {} as never })
const jobs = defineQueue({ tasks: [deliver, greet], connect })
const inline = defineQueue({ tasks: [greet, ping], connect })

test('a payload is the input of its schema, or of its handler', () => {
  void queue.enqueue(deliver, { url: 'https://a.b', at: '2026-01-01' })
  void queue.enqueue(greet.using({ priority: 1, runAfter: '5m' }), { name: 'World' })
  void queue.enqueue(greet, { name: 'World' }, { priority: undefined, runAfter: new Date() })
  void queue.enqueue(ping, undefined, { runAfter: '5m' })
  void queue.enqueue(plain)
  void queue.enqueue(fetches, { url: '' }, { id: '' })
  void queue.enqueueAll(greet, [{ name: 'World' }], { queue: 'low' })
  queue.prepare(greet, { name: 'World' }, { queue: 'low' })
  void queue.enqueueAll(greet, [{ name: 'World' }])
  void queue.enqueueAll([greet.call({ name: 'World' }), deliver.call({ url: '', at: '' })])
  void queue.enqueue(ping)

  // @ts-expect-error a payload that is missing
  void queue.enqueue(greet)
  // @ts-expect-error a payload of another type
  void queue.enqueue(greet, { name: 5 })
  // @ts-expect-error the schema's output is not its input
  void queue.enqueue(deliver, { url: 'https://a.b', at: new Date() })
  // @ts-expect-error one of a list of another type
  void queue.enqueueAll(greet, [{ name: 'World' }, {}])
  // @ts-expect-error a call with a payload of another type
  greet.call({})
  // @ts-expect-error a duration that is none
  greet.using({ runAfter: 'soon' })
  // @ts-expect-error an option that is none
  task('typo', { maxAttempt: 3 })
  // @ts-expect-error an option of a job that is none
  void queue.enqueue(greet, { name: 'World' }, { runafter: '5m' })
  // @ts-expect-error options in the place of the payload
  void queue.enqueue(ping, { runAfter: '5m' })
  // @ts-expect-error options in the place of the payload
  void queue.enqueue(plain, { runAfter: '5m' })
})

test('the payload of a recurring task is that of its task', () => {
  defineQueue({
    tasks: [deliver, greet, ping],
    connect,
    recurring: {
      greets: { task: greet, payload: { name: 'World' }, schedule: '@daily', timeZone: 'Europe/Madrid' },
      delivers: { task: deliver, payload: { url: 'https://a.b', at: '2026-01-01' }, schedule: '@daily', priority: 0 },
      pings: { task: ping.using({ queue: 'low' }), schedule: '*/5 * * * *', catchUp: 'all', queue: null },
    },
  })
  void manage(queue).recurring.create('greets', { task: greet, payload: { name: 'World' }, schedule: '@daily' })
  void manage(queue).recurring.create('pings', { task: ping, schedule: '@daily' })
  void manage(queue).recurring.edit('greets', { schedule: '@hourly', queue: null })
  void manage(queue).recurring.edit('greets', { task: greet, payload: { name: 'World' } })

  defineQueue({
    tasks: [greet],
    connect,
    recurring: {
      // @ts-expect-error a payload that is missing
      missing: { task: greet, schedule: '@daily' },
      // @ts-expect-error a payload of another type
      wrong: { task: greet, payload: { name: 5 }, schedule: '@daily' },
      // @ts-expect-error a schedule that is missing
      never: { task: greet, payload: { name: 'World' } },
      // @ts-expect-error a policy that is none
      policy: { task: greet, payload: { name: 'World' }, schedule: '@daily', catchUp: 'some' },
    },
  })
  // @ts-expect-error a payload that is missing
  void manage(queue).recurring.create('greets', { task: greet, schedule: '@daily' })
  // @ts-expect-error a payload of another type
  void manage(queue).recurring.create('greets', { task: greet, payload: { name: 5 }, schedule: '@daily' })
  // @ts-expect-error a payload of another type
  void manage(queue).recurring.edit('greets', { task: greet, payload: { name: 5 } })
})

test('only a job whose task says so may be skipped, and have no id', async () => {
  const waits = task('waits', { run: (_: { id: string }) => {}, concurrency: { key: ({ id }) => id } })
  const skips = task('skips', {
    input: z.object({ id: z.string() }),
    concurrency: { key: ({ id }) => id, limit: 2, onConflict: 'skip' },
  })
  expectTypeOf((await queue.enqueue(greet, { name: 'World' })).id).toEqualTypeOf<string>()
  expectTypeOf((await queue.enqueue(waits, { id: '1' })).id).toEqualTypeOf<string>()
  expectTypeOf((await queue.enqueue(skips, { id: '1' })).id).toEqualTypeOf<string | null>()
  expectTypeOf((await queue.enqueueAll([waits.call({ id: '1' })]))[0]?.id).toEqualTypeOf<string | undefined>()
  expectTypeOf((await queue.enqueueAll(skips, [{ id: '1' }]))[0]?.id).toEqualTypeOf<string | null | undefined>()
  expectTypeOf((await queue.in({} as never).enqueue(skips, { id: '1' })).id).toEqualTypeOf<string>()

  // @ts-expect-error a key of what the payload has not
  task('typo', { input: z.object({ id: z.string() }), concurrency: { key: ({ name }) => name } })
  // @ts-expect-error a key that is none
  task('typo', { run: (_: { id: Date }) => {}, concurrency: { key: ({ id }) => id } })
})

test('what is prepared, or enqueued in a transaction, is typed like what is enqueued', () => {
  const inside = queue.in({ query: async () => ({ rows: [] }) })
  void inside.enqueue(greet, { name: 'World' })
  queue.prepareAll([greet.call({ name: 'World' })])
  expectTypeOf(queue.prepare(greet, { name: 'World' }).job.id).toBeString()

  // @ts-expect-error a payload of another type
  queue.prepare(greet, { name: 5 })
  // @ts-expect-error one of a list of another type
  queue.prepareAll(greet, [{ name: 'World' }, {}])
  // @ts-expect-error a payload that is missing
  void inside.enqueue(greet)
  // @ts-expect-error no transaction
  queue.in({})
})

test('a handler gets the output of the schema, and cannot be of another task', () => {
  deliver.perform((payload, { signal, job, attempt }) => {
    expectTypeOf(payload).toEqualTypeOf<{ url: string; at: Date }>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    expectTypeOf(job.id).toBeString()
    expectTypeOf(attempt).toBeNumber()
  })
  // @ts-expect-error its payload has no `name`
  deliver.perform(({ name }: { name: string }) => name)
})

test('a task has the types of its schema, or of its handler, whatever the order of its options', () => {
  expectTypeOf(plain).toEqualTypeOf<Task<'plain', undefined, undefined, Elsewhere, 'block'>>()
  expectTypeOf(ping).toEqualTypeOf<Task<'ping', undefined, undefined, string, 'block'>>()
  expectTypeOf(fetches).toEqualTypeOf<Task<'fetches', { url: string }, { url: string }, Elsewhere, 'block'>>()
  expectTypeOf(
    task('both', {
      concurrency: { key: ({ at }) => at.length, onConflict: 'skip' },
      run: async ({ at }) => at.getTime(),
      input: z.object({ at: z.coerce.date<string>() }),
    }),
  ).toEqualTypeOf<Task<'both', { at: string }, { at: Date }, number, 'skip'>>()
  expectTypeOf(task('inline', { concurrency: { key: ({ n }) => n }, run: ({ n }: { n: number }) => n })).toEqualTypeOf<
    Task<'inline', { n: number }, { n: number }, number, 'block'>
  >()
  task('waits', { backoff: ({ attempt, error, random }) => (error instanceof Error ? attempt + random : '5m') })

  // @ts-expect-error its schema gives no `name`
  task('wrong', { input: z.object({ url: z.url() }), run: ({ name }) => name })
  // @ts-expect-error its handler takes another payload than its schema gives
  task('wrong', { input: z.object({ url: z.url() }), run: ({ name }: { name: string }) => name })
  // @ts-expect-error without a payload
  plain.perform(({ name }: { name: string }) => name)
})

test('a result is what the handler returns', async () => {
  const { id } = await queue.enqueue(greet, { name: 'World' })
  expectTypeOf(await queue.find(id, { of: greet })).toEqualTypeOf<Job<{ greeting: string }> | null>()
  expectTypeOf(await queue.find(id, { of: performDeliver })).toEqualTypeOf<Job<{ status: number }> | null>()
  expectTypeOf(await queue.find<typeof performDeliver>(id)).toEqualTypeOf<Job<{ status: number }> | null>()
  expectTypeOf(await queue.find(id)).toEqualTypeOf<Job | null>()
  expectTypeOf(await queue.result(id, { of: ping, timeout: undefined, signal: undefined })).toBeString()
})

test('what enqueue gives knows the result of a task with its own handler', async () => {
  const job = await queue.enqueue(greet, { name: 'World' })
  expectTypeOf(await queue.find(job)).toEqualTypeOf<Job<{ greeting: string }> | null>()
  expectTypeOf(await queue.result(job)).toEqualTypeOf<{ greeting: string }>()
  expectTypeOf(await queue.result(queue.prepare(ping).job)).toBeString()
  expectTypeOf(await queue.result((await queue.enqueueAll(ping, [undefined]))[0]!)).toBeString()
  const delivery = await queue.enqueue(deliver, { url: '', at: '' })
  expectTypeOf(await queue.result(delivery)).toBeUnknown()
  expectTypeOf(await queue.result(delivery, { of: performDeliver })).toEqualTypeOf<{ status: number }>()

  const skips = task('skips', { concurrency: { key: 'one', onConflict: 'skip' }, run: () => 1 })
  const maybe = await queue.enqueue(skips)
  // @ts-expect-error it may be skipped
  void queue.result(maybe)
  if (maybe.id !== null) expectTypeOf(await queue.result(maybe)).toBeNumber()
})

test('a hook gets what its event says', () => {
  queue.on('job.failed', ({ id, error }) => {
    expectTypeOf(id).toBeString()
    expectTypeOf(error.message).toBeString()
  })
  // @ts-expect-error an event that is none
  queue.on('job.exploded', () => {})
})

test('a queue that performs has each performer that its tasks need, and no other', () => {
  ticks(jobs, { perform: [performDeliver] })
  defineConfig({ jobs, perform: [performDeliver] })
  void testQueue(jobs, { perform: [performDeliver] })
  void tick(jobs.open(undefined, undefined, { perform: [performDeliver] }))

  const odd = task('odd', { run: () => JSON.parse('') })
  const never = task('never', {
    run: () => {
      throw new Error('no')
    },
  })
  ticks(defineQueue({ tasks: [odd, never], connect }), { perform: [] })
  const given: Performer[] = [performDeliver]
  defineConfig({ jobs, perform: given })

  // @ts-expect-error "deliver" has no performer
  ticks(jobs, { perform: [] })
  // @ts-expect-error "deliver" has no performer
  defineConfig({ jobs, perform: [] })
  // @ts-expect-error "deliver" has no performer
  void testQueue(jobs, { perform: [] })
  // @ts-expect-error "deliver" has no performer
  jobs.open(undefined, undefined, { perform: [] })
  // @ts-expect-error "deliver" has no performer
  ticks(jobs)
  // @ts-expect-error "deliver" has no performer
  defineConfig({ jobs })
  // @ts-expect-error "deliver" has no performer
  void testQueue(jobs)

  // @ts-expect-error there is no task "deliver"
  ticks(inline, { perform: [performDeliver] })
  // @ts-expect-error there is no task "deliver"
  defineConfig({ jobs: inline, perform: [performDeliver] })
  // @ts-expect-error there is no task "deliver"
  inline.open(undefined, undefined, { perform: [performDeliver] })
})

test('where every task has its own handler, no performers are asked for', () => {
  ticks(inline)
  ticks(inline, { perform: [] })
  ticks(inline, { perform: [greet.perform(() => 'Hi')] })
  defineConfig({ jobs: inline })
  void testQueue(inline)
  void tick(inline.open())
})

test('a queue that was opened without performers enqueues, and is not performed', () => {
  const enqueuing = jobs.open()
  const asQueue: Queue = enqueuing
  void enqueuing.enqueue(deliver, { url: '', at: '' })
  void dispatch(enqueuing)
  void tick(asQueue)

  // @ts-expect-error "deliver" has no performer
  void tick(enqueuing)
  // @ts-expect-error "deliver" has no performer
  void work(enqueuing)
  // @ts-expect-error "deliver" has no performer
  void run(enqueuing, { signal: AbortSignal.abort() })
})

test('a queue is opened with what its connection is made of', async () => {
  const bound = defineQueue({ tasks: [greet], connect: (_: { DB: string }) => connect() })
  bound.open({ DB: '' }, { waitUntil() {} }, { connection: connect(), perform: undefined })
  await using opened = bound.open({ DB: '' }, undefined)
  expectTypeOf(opened).toEqualTypeOf<Queue>()

  // @ts-expect-error without its environment
  bound.open()
  // @ts-expect-error with another environment
  bound.open({})
})

test('a bad definition does not compile', () => {
  // @ts-expect-error a queue without a connection
  defineQueue({ tasks: [greet] })
  // @ts-expect-error a worker setting that is none
  defineQueue({ tasks: [greet], connect, workers: { default: { threads: 3 } } })
})

test("the lease of a tick is the settings' to say, and not its options'", () => {
  const performing = inline.open()
  void work(performing, { linger: true, name: 'request-17' })

  // @ts-expect-error an option of the inside
  void work(performing, { leaseMs: 1000 })
})

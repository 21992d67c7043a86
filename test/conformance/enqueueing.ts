import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import {
  ConfigurationError,
  defineQueue,
  type Duration,
  idOf,
  OutcomeUnknownError,
  PayloadError,
  task,
} from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { counted, losingAnswers, takingAtMost } from '../support/flaky-driver.ts'
import { openQueue, silent } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { greet, hopeless } from '../support/tasks.ts'
import { manage } from '../../src/manage/index.ts'
import { tick } from '../../src/ticks/index.ts'

const echo = task('echo', { run: (value: unknown) => value })
const strict = task('strict', { input: z.object({ url: z.url() }), run: ({ url }) => url })

export function enqueueing(database: OpenDatabase): void {
  test('a job is stored as it was enqueued', async () => {
    const { queue } = await openQueue(database)

    const { id, state } = await queue.enqueue(greet, { name: 'World' }, { queue: 'mail', priority: -7 })

    expect(state).toBe('ready')
    expect(await queue.find(id)).toEqual({
      id,
      task: 'greet',
      queue: 'mail',
      priority: -7,
      state: 'ready',
      outcome: null,
      payload: { name: 'World' },
      result: undefined,
      progress: null,
      attempts: 0,
      maxAttempts: 1,
      releases: 0,
      losses: 0,
      errors: [],
      enqueuedAt: new Date('2026-01-01'),
      scheduledAt: new Date('2026-01-01'),
      startedAt: null,
      finishedAt: null,
      retriedAt: null,
      concurrencyKey: null,
      recurring: null,
      invocationId: null,
    })
  })

  test.each([
    ['text with what databases find hard', 'naïve "quotes" \\ \' \u0000 \n 🦜 %_'],
    ['nothing', undefined],
    ['null', null],
    ['the empty text', ''],
    ['numbers JSON has not', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
    ['a large integer', 2n ** 70n],
    [
      'dates, maps, sets and URLs',
      { at: new Date(0), map: new Map([[1, new Set(['a'])]]), url: new URL('https://a.b/c') },
    ],
    ['bytes', new Uint8Array([0, 255])],
    ['a key with a dot', { 'a.b': { c: new Date(1) } }],
  ])('a payload comes back as it was: %s', async (_, payload) => {
    const { queue } = await openQueue(database, { tasks: [echo] })
    const { id } = await queue.enqueue(echo, payload)

    await tick(queue)

    expect((await queue.find(id, { of: echo }))?.result).toEqual(payload)
  })

  test.each([
    ['an instant to come', new Date('2026-01-01T00:00:01Z'), 'scheduled', '2026-01-01T00:00:01Z'],
    ['a duration', '90s', 'scheduled', '2026-01-01T00:01:30Z'],
    ['an instant that has passed: now', new Date('2025-06-01'), 'ready', '2025-06-01'],
    ['no time at all: now', 0, 'ready', '2026-01-01'],
  ] as const)('runAfter: %s', async (_, runAfter, state, scheduledAt) => {
    const { queue } = await openQueue(database)

    const enqueued = await queue.enqueue(greet, { name: 'later' }, { runAfter })

    expect(enqueued.state).toBe(state)
    expect(await queue.find(enqueued.id)).toMatchObject({ state, scheduledAt: new Date(scheduledAt) })
  })

  test.each([
    ['a call', greet.call({ name: 'Ada' }), 'an object'],
    ['a name', 'greet', 'a string'],
    ['nothing', undefined, 'undefined'],
    ['an object', {}, 'an object'],
  ])('what is no task is refused: %s', async (_, given, kind) => {
    const { queue } = await openQueue(database)
    const refused = `task: ${kind} is no task; use what task() gave`

    await expect(queue.enqueue(given as never, { name: 'Ada' })).rejects.toThrow(refused)
    expect(() => queue.prepare(given as never, { name: 'Ada' })).toThrow(refused)
  })

  test('an id of your own is stored once, and tells where the job is', async () => {
    const { queue } = await openQueue(database)
    const id = '0190a5f0-0000-7000-8000-000000000001'
    const hooked: boolean[] = []
    queue.on('job.enqueued', ({ created }) => void hooked.push(created))
    const first = await queue.enqueue(greet, { name: 'one' }, { id })
    await tick(queue)

    const again = await queue.enqueueAll([greet.using({ id }).call({ name: 'two' }), greet.call({ name: 'three' })])

    expect(first).toEqual({ id, state: 'ready', created: true })
    expect(again).toEqual([
      { id, state: 'finished', created: false },
      { id: again[1]?.id, state: 'ready', created: true },
    ])
    expect(hooked).toEqual([true, false, true])
    expect((await queue.find(id))?.payload).toEqual({ name: 'one' })
  })

  test('of the jobs of a list that have one id, the first is created', async () => {
    const { queue } = await openQueue(database)
    const call = greet.using({ id: idOf('order-17') }).call({ name: 'Ada' })

    const enqueued = await queue.enqueueAll([call, greet.call({ name: 'Bob' }), call])

    expect(enqueued.map(({ created }) => created)).toEqual([true, true, false])
  })

  test('of the jobs of a list that have one id, the first is stored', async () => {
    const { queue } = await openQueue(database)
    const one = greet.using({ id: idOf('order-17') })

    await queue.enqueueAll([one.call({ name: 'Ada' }), one.call({ name: 'Bob' })])

    expect((await queue.find(idOf('order-17')))?.payload).toEqual({ name: 'Ada' })
  })

  test('a thousand jobs of several tasks are one round trip, and keep their order', async () => {
    const { queue, driver } = await openQueue(database)
    const counting = counted(driver)
    const open = defineQueue({ tasks: [greet, hopeless], connect: () => ({ driver: counting }), logger: silent })

    const enqueued = await open
      .open()
      .enqueueAll(
        Array.from({ length: 1000 }, (_, index) =>
          index % 2 === 0 ? greet.call({ name: String(index) }) : hopeless.using({ runAfter: '1m' }).call(),
        ),
      )

    expect(counting.batches).toBe(1)
    expect(new Set(enqueued.map(({ id }) => id)).size).toBe(1000)
    expect(enqueued.slice(0, 3).map(({ state }) => state)).toEqual(['ready', 'scheduled', 'ready'])
    expect(await queue.find(enqueued[998]?.id as string)).toMatchObject({ payload: { name: '998' } })
  })

  test('a list is sent in batches that D1 takes, whatever its characters', async () => {
    const { driver } = await openQueue(database)
    const limited = counted(takingAtMost(2_000_000, driver))
    const queue = defineQueue({ tasks: [greet], connect: () => ({ driver: limited }), logger: silent }).open()
    const payloads = ['漢', '"', 'a', '\u0001'].flatMap((character) =>
      Array.from({ length: 30 }, () => ({ name: character.repeat(40_000) })),
    )

    const enqueued = await queue.enqueueAll(greet, payloads)

    expect(enqueued).toHaveLength(120)
    expect(limited.batches).toBeLessThan(30)
  })

  test('enqueueing nothing sends nothing', async () => {
    const { queue } = await openQueue(database)

    expect(await queue.enqueueAll(greet, [])).toEqual([])
  })

  test('an id that something else has left behind in a state is an error, not an endless wait', async () => {
    const { queue, driver } = await openQueue(database)
    const id = newId()
    const instant = driver.dialect.name === 'postgres' ? 'now()' : '0'
    await rowsOf(
      driver,
      `insert into ${table(driver, 'ready_executions')} (job_id, queue_name, rank, created_at)
        values ('${id}', 'default', 0, ${instant})`,
    )

    await expect(queue.enqueue(greet, { name: 'World' }, { id })).rejects.toMatchObject({ failure: 'duplicate' })
    expect(await queue.find(id)).toBeNull()
  })

  test('an enqueue whose answer was lost is sent again, and stored once', async () => {
    const { driver, queue } = await openQueue(database)
    const losing = losingAnswers(driver, { times: 2 })
    const open = defineQueue({ tasks: [greet], connect: () => ({ driver: losing }), logger: silent }).open()

    const { id, state, created } = await open.enqueue(greet, { name: 'once' })
    const report = await tick(queue)

    expect([state, created]).toEqual(['ready', true])
    expect(report.claimed).toBe(1)
    expect((await queue.find(id))?.state).toBe('finished')
  })

  test('a list whose answer was lost: what it created is told by its new ids, and unknown where it has none', async () => {
    const { driver, queue } = await openQueue(database)
    const define = () =>
      defineQueue({
        tasks: [greet],
        connect: () => ({ driver: losingAnswers(driver, { times: 1 }) }),
        logger: silent,
      }).open()
    const call = () => greet.using({ id: newId() }).call({ name: 'own' })
    const before = call()
    await queue.enqueueAll([before])

    const mixed = await define().enqueueAll([call(), greet.call({ name: 'new' })])
    const own = await define().enqueueAll([call(), call()])
    const stored = await define().enqueueAll([before, greet.call({ name: 'new' })])

    expect(mixed.map(({ created }) => created)).toEqual([true, true])
    expect(own.map(({ created }) => created)).toEqual([false, false])
    expect(stored.map(({ created }) => created)).toEqual([false, true])
  })

  test('one payload that the schema refuses keeps the whole list out, and is named', async () => {
    const { queue } = await openQueue(database, { tasks: [strict] })

    const refused = queue.enqueueAll(strict, [{ url: 'https://a.b' }, { url: 'nowhere' }])

    await expect(refused).rejects.toThrow(PayloadError)
    await expect(refused).rejects.toThrow(/^\[1\]\.payload\.url: /)
    expect((await tick(queue)).claimed).toBe(0)
  })

  test('a task of another definition, or a queue that is not declared, is refused', async () => {
    const { driver } = await openQueue(database)
    const open = defineQueue({ tasks: [greet], queues: ['default'], connect: () => ({ driver }), logger: silent }).open(
      {},
    )

    await expect(open.enqueue(hopeless)).rejects.toThrow(ConfigurationError)
    await expect(open.enqueue(greet, { name: '' }, { queue: 'other' })).rejects.toThrow(/"other"/)
  })

  test('a failed job that is retried has all its attempts; nothing else can be', async () => {
    const { queue, advance } = await openQueue(database)
    const { id } = await queue.enqueue(hopeless)
    await tick(queue)
    advance(60_000)

    const retried = await manage(queue).jobs.retry(id)

    expect(retried).toBe(true)
    expect(await queue.find(id)).toMatchObject({
      state: 'ready',
      attempts: 0,
      finishedAt: null,
      retriedAt: new Date('2026-01-01T00:01:00Z'),
    })
    expect(await manage(queue).jobs.retry(id)).toBe(false)
  })

  test('a retry whose answer was lost is not sent again, and says so', async () => {
    const { driver, queue } = await openQueue(database)
    const { id } = await queue.enqueue(hopeless)
    await tick(queue)
    const losing = losingAnswers(driver, { times: 1 })
    const open = defineQueue({ tasks: [hopeless], connect: () => ({ driver: losing }), logger: silent }).open()

    await expect(manage(open).jobs.retry(id)).rejects.toThrow(OutcomeUnknownError)
    expect((await queue.find(id))?.state).toBe('ready')
  })

  test.each([
    ['a number', 5, /payloads: a number; give an array/],
    ['null', null, /payloads: null; give an array/],
    ['nothing', undefined, /payloads: undefined; give an array/],
    ['a text', 'abc', /payloads: a string; give an array/],
    ['an async iterable', (async function* () {})(), /payloads: an async iterable; collect it first/],
  ])('enqueueAll refuses %s in the place of payloads, and stores nothing', async (_, payloads, message) => {
    const { queue } = await openQueue(database, { tasks: [echo] })

    await expect(queue.enqueueAll(echo, payloads as never)).rejects.toThrow(message)
    await expect(queue.in({ query: fail }).enqueueAll(echo, payloads as never)).rejects.toThrow(message)
    expect(() => queue.prepareAll(echo, payloads as never)).toThrow(message)
    expect((await manage(queue).jobs.counts()).ready.count).toBe(0)
  })

  test.each([
    ['no list', 5, /calls: a number/],
    ['a list of payloads without their task', [{ name: 'World' }], /\[0\]: an object is no call/],
  ])('enqueueAll refuses %s in the place of calls', async (_, calls, message) => {
    const { queue } = await openQueue(database)

    await expect(queue.enqueueAll(calls as never)).rejects.toThrow(message)
  })

  test('an instant that no database could give back is refused; what is past is due now', async () => {
    const { queue } = await openQueue(database)
    const at = (runAfter: Date | Duration) => greet.using({ runAfter })

    expect(() => at(new Date(8.64e15))).toThrow(/runAfter: \+275760-.* is beyond the year 9999/)
    expect(() => at(Number.MAX_SAFE_INTEGER)).toThrow(/runAfter: 9007199254740991 is no duration/)
    expect(() => at('100000000d')).toThrow(/runAfter: "100000000d" is no duration/)
    const last = await queue.enqueue(at(new Date('9999-12-31T23:59:59.999Z')), { name: 'last' })
    const late = await queue.enqueue(at('365250d'), { name: 'late' })
    const early = await queue.enqueue(at(new Date(-8.64e15)), { name: 'early' })

    expect((await queue.find(last.id))?.scheduledAt).toEqual(new Date('9999-12-31T23:59:59.999Z'))
    expect((await queue.find(late.id))?.state).toBe('scheduled')
    expect(await queue.find(early.id)).toMatchObject({ state: 'ready', scheduledAt: new Date(0) })
    expect((await manage(queue).jobs.list({ state: 'scheduled' })).items.map(({ id }) => id)).toEqual([
      late.id,
      last.id,
    ])
  })

  test('a key is made of a payload only once its asynchronous schema has nothing against it', async () => {
    const keyOf = vi.fn(({ name }: { name: string }) => name)
    const input = z.object({ name: z.string() }).refine(async ({ name }) => name !== 'bad')
    const later = task('later', { input, concurrency: { key: keyOf }, run: () => {} })
    const { queue } = await openQueue(database, { tasks: [later] })

    await expect(queue.enqueue(later, { name: 'bad' })).rejects.toThrow(PayloadError)
    expect(keyOf).not.toHaveBeenCalled()
    const { id } = await queue.enqueue(later, { name: 'good' })
    expect((await queue.find(id))?.concurrencyKey).toBe('later/good')
  })

  test.each([
    ['a quotation mark', '"'],
    ['a backslash', '\\'],
    ['U+0001', '\u0001'],
    ['three bytes', '€'],
  ])('a payload and a result of 1 MiB fit where a text may have 2,000,000 bytes: %s', async (_, character) => {
    const size = new TextEncoder().encode(JSON.stringify(character)).length - 2
    const text = character.repeat(Math.floor((1_048_576 - 2) / size))
    const { driver, queue } = await openQueue(database, { tasks: [echo] })
    // Postgres takes more, and lists of jobs travel as text within text there.
    const bounded = driver.dialect.name === 'sqlite' ? takingAtMost(2_000_000, driver) : driver
    const large = task('large', { run: () => text })
    const open = defineQueue({ tasks: [echo, large], connect: () => ({ driver: bounded }), logger: silent }).open()
    const { id } = await open.enqueue(echo, text, { queue: 'elsewhere' })
    const made = await open.enqueue(large)

    expect(await tick(open)).toMatchObject({ failed: 0 })
    expect((await queue.find(id))?.payload).toBe(text)
    expect((await open.find(made))?.result).toBe(text)
  })

  test('a payload is stored to the letter', async () => {
    const { driver, queue } = await openQueue(database, { tasks: [echo] })
    const payload = {
      b: 1e21,
      a: -1.5e-7,
      '': [{}, [], '/', '\u2028', 'a\u0000b', '\\"'],
      '1': 9007199254740991,
      e: '🦜',
    }

    const { id } = await queue.enqueue(echo, payload)

    const column = driver.dialect.name === 'sqlite' ? 'payload' : 'payload::text'
    const [row] = await rowsOf(driver, `select ${column} as payload from ${table(driver, 'jobs')} where id = '${id}'`)
    expect(row?.['payload']).toBe(JSON.stringify(payload))
  })
}

const fail = (): never => {
  throw new Error('Nothing is to be sent.')
}

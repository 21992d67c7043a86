import { afterEach, describe, expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, FinalError, fixed, task } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import type { SettingsOptions } from '../../src/settings.ts'
import { databases } from '../support/databases.ts'

const greet = task('greet', { run: ({ name }: { name: string }) => ({ greeting: `Hello, ${name}`, at: new Date(0) }) })
const flaky = task('flaky', {
  maxAttempts: 2,
  backoff: fixed('1m'),
  run: (_: unknown, { attempt }) => {
    if (attempt === 1) throw new Error('not yet')
    return attempt
  },
})
const hopeless = task('hopeless', {
  maxAttempts: 5,
  run: () => {
    throw new FinalError('never')
  },
})
const endless = task('endless', { run: () => new Promise<void>(() => {}) })

const opened: Driver[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((driver) => driver.close()))
})

describe.each(Object.entries(databases))('%s', (_, database) => {
  async function open(settings: SettingsOptions = {}) {
    let now = Date.UTC(2026, 0, 1)
    const driver = database({ clock: () => now })
    opened.push(driver)
    await migrate(driver)
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    const jobs = defineQueue({
      tasks: [greet, flaky, hopeless, endless],
      connect: () => ({ driver }),
      logger: silent,
      ...settings,
    })
    return {
      driver,
      queue: jobs.attach({ driver }),
      advance: (ms: number) => {
        now += ms
      },
    }
  }

  test('a job is enqueued, performed and found with its result', async () => {
    const { queue } = await open()

    const { id, state } = await queue.enqueue(greet, { name: 'World' })
    const report = await queue.tick()

    expect(state).toBe('ready')
    expect(report).toMatchObject({ claimed: 1, succeeded: 1, more: false })
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      outcome: 'succeeded',
      attempts: 1,
      result: { greeting: 'Hello, World', at: new Date(0) },
    })
  })

  test('an idle tick is one round trip, once maintenance has run', async () => {
    const { queue } = await open()
    await queue.tick()

    const report = await queue.tick()

    expect(report.roundTrips).toBe(1)
  })

  test('k batches of jobs take k + 1 round trips', async () => {
    const { queue } = await open()
    await queue.enqueueAll(
      greet,
      Array.from({ length: 30 }, (_unused, index) => ({ name: String(index) })),
    )

    const report = await queue.work()

    expect(report).toMatchObject({ claimed: 30, succeeded: 30, roundTrips: 4 })
  })

  test('a scheduled job runs when it is due, not before', async () => {
    const { queue, advance } = await open()
    const { id, state } = await queue.enqueue(greet.using({ runAfter: '1m' }), { name: 'later' })

    await queue.tick()
    const before = await queue.find(id)
    advance(60_000)
    await queue.tick()

    expect(state).toBe('scheduled')
    expect(before?.state).toBe('scheduled')
    expect((await queue.find(id))?.state).toBe('finished')
  })

  test('a failed job runs again after its backoff, and keeps its error', async () => {
    const { queue, advance } = await open()
    const { id } = await queue.enqueue(flaky)

    await queue.tick()
    const between = await queue.find(id)
    advance(60_000)
    await queue.tick()

    expect(between).toMatchObject({ state: 'scheduled', attempts: 1 })
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      attempts: 2,
      result: 2,
      errors: [{ message: 'not yet', attempt: 1 }],
    })
  })

  test('a FinalError fails the job at once; retry gives it all its attempts', async () => {
    const { queue } = await open()
    const { id } = await queue.enqueue(hopeless)
    await queue.tick()
    const failed = await queue.find(id)

    const retried = await queue.retry(id)

    expect(failed).toMatchObject({ state: 'failed', attempts: 1, errors: [{ name: 'FinalError' }] })
    expect(retried).toBe(true)
    expect(await queue.find(id)).toMatchObject({ state: 'ready', attempts: 0 })
    expect(await queue.retry(id)).toBe(false)
  })

  test('the jobs of a lost invocation fail with ProcessPrunedError', async () => {
    const { queue, advance } = await open()
    const { id } = await queue.enqueue(endless)
    const stop = new AbortController()
    const working = queue.work({ immediate: stop.signal })
    await expect.poll(async () => (await queue.find(id))?.state).toBe('claimed')

    advance(10 * 60_000)
    const report = await queue.prune()
    stop.abort()
    const worked = await working

    expect(report.pruned).toBe(1)
    expect(await queue.find(id)).toMatchObject({ state: 'failed', errors: [{ name: 'ProcessPrunedError' }] })
    expect(worked).toMatchObject({ stale: 1, released: 0 })
  })

  test('a job that is released is ready again, with its attempt', async () => {
    const { queue } = await open()
    const { id } = await queue.enqueue(endless)
    const stop = new AbortController()
    const working = queue.work({ immediate: stop.signal })
    await expect.poll(async () => (await queue.find(id))?.state).toBe('claimed')

    stop.abort()
    const report = await working

    expect(report).toMatchObject({ released: 1, more: true })
    expect(await queue.find(id)).toMatchObject({ state: 'ready', attempts: 0, releases: 0 })
  })

  test('an id of your own is stored once', async () => {
    const { queue } = await open()
    const id = '0190a5f0-0000-7000-8000-000000000001'

    await queue.enqueue(greet.using({ id }), { name: 'one' })
    await queue.tick()
    const again = await queue.enqueueAll([greet.using({ id }).call({ name: 'two' }), greet.call({ name: 'three' })])

    expect(again.map(({ state }) => state)).toEqual(['finished', 'ready'])
  })

  test('many claimers claim every job once, and maxInvocations holds', async () => {
    const { queue, driver } = await open({ workers: { default: { maxInvocations: 3, concurrency: 5 } } })
    await queue.enqueueAll(
      greet,
      Array.from({ length: 200 }, (_unused, index) => ({ name: String(index) })),
    )

    const reports = await Promise.all(Array.from({ length: 8 }, () => queue.work()))

    expect(reports.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(200)
    expect(reports.reduce((sum, { stale }) => sum + stale, 0)).toBe(0)
    expect(driver.dialect.prefix).toBe('steadytick_')
  })

  test('two migrations at once apply each once', async () => {
    const driver = database()
    opened.push(driver)

    const applied = await Promise.all([migrate(driver), migrate(driver)])

    expect(applied.flat()).toEqual(['0001_create_jobs.sql'])
  })

  test('finished jobs are cleared after their retention', async () => {
    const { queue, advance } = await open()
    const { id } = await queue.enqueue(greet, { name: 'old' })
    await queue.tick()

    advance(86_400_000 + 1)
    const report = await queue.maintain()

    expect(report.cleared).toBe(1)
    expect(await queue.find(id)).toBeNull()
  })

  test.each([
    [
      ['b', 'a'],
      ['b', 'a', 'a'],
    ],
    [['a*'], ['a', 'a']],
    [
      ['b', '*'],
      ['b', 'a', 'a', 'c'],
    ],
  ])('queues %j are claimed in their order', async (queues, expected) => {
    const { queue } = await open({ workers: { default: { queues, concurrency: 1 } } })
    const order: string[] = []
    queue.on('job.started', ({ queueName }) => void order.push(queueName))
    for (const [name, priority] of [
      ['c', -1],
      ['a', 5],
      ['a', 1],
      ['b', -5],
    ] as const)
      await queue.enqueue(greet.using({ queue: name, priority }), { name })

    await queue.work()

    expect(order).toEqual(expected)
  })
})

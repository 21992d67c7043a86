import { expect, test } from 'vitest'
import { defineQueue, fixed, task } from '../../src/index.ts'
import type { Driver } from '../../src/dialects/driver.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { losingAnswers, refusingTexts } from '../support/flaky-driver.ts'
import { openQueue, silent } from '../support/open-queue.ts'
import { table } from '../support/tables.ts'
import { deaf, flaky, Gate, greet } from '../support/tasks.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, tick, work } from '../../src/ticks/index.ts'

/** A ready job in each of `count` queues, `a0`, `a1` and so on; past the queue, for speed. */
const manyQueues = (driver: Driver, count: number): string => {
  const numbers =
    driver.dialect.name === 'postgres'
      ? `generate_series(0, ${count - 1}) n`
      : `(with recursive up(n) as (select 0 union all select n + 1 from up where n < ${count - 1}) select n from up)`
  const id = driver.dialect.name === 'postgres' ? 'gen_random_uuid()' : `lower(hex(randomblob(16)))`
  return `insert into ${table(driver, 'ready_executions')} (job_id, queue_name, rank, created_at)
    select ${id}, 'a' || n, 0, ${driver.dialect.name === 'postgres' ? 'now()' : '0'} from ${numbers}`
}

export function ticking(database: OpenDatabase): void {
  test('an idle tick is one round trip, once maintenance has run', async () => {
    const { queue } = await openQueue(database)
    await tick(queue)

    const report = await tick(queue)

    expect(report).toMatchObject({ roundTrips: 1, more: false, nextDueAt: null })
  })

  test('a scheduled job runs when it is due, not before', async () => {
    const { queue, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'later' }, { runAfter: '1m' })

    const early = await tick(queue)
    const before = await queue.find(id)
    advance(60_000)
    const due = await tick(queue)

    expect(before?.state).toBe('scheduled')
    expect(early.nextDueAt?.getTime()).toBeGreaterThan(Date.now() + 50_000)
    expect(due).toMatchObject({ dispatched: 1, succeeded: 1 })
    expect((await queue.find(id))?.state).toBe('finished')
  })

  test('a tick says when the next job is due, as its own work left it', async () => {
    const { queue, advance } = await openQueue(database)
    await queue.enqueue(flaky, null)
    await queue.enqueue(greet, { name: 'later' }, { runAfter: '1h' })

    const first = await tick(queue)
    advance(60_000)
    const second = await tick(queue)

    const inMs = ({ nextDueAt }: { nextDueAt: Date | null }) => Number(nextDueAt?.getTime()) - Date.now()
    expect(first.retried).toBe(1)
    expect([inMs(first) > 50_000, inMs(first) <= 60_000]).toEqual([true, true])
    expect(second.succeeded).toBe(1)
    expect(inMs(second)).toBeGreaterThan(50 * 60_000)
  })

  test('a nudge that fails is logged once, and again when it works', async () => {
    const { driver } = await openQueue(database)
    const lines: object[] = []
    const noted = (fields: object, message: string) => void lines.push({ message, ...fields })
    const logger = { ...silent, warn: noted, info: noted }
    let works = false
    const nudge = () => {
      if (!works) throw new Error('no bell')
    }
    const jobs = defineQueue({ tasks: [greet], connect: () => ({ driver, nudge }), logger })
    const queue = jobs.open()

    await queue.nudge()
    await queue.nudge()
    works = true
    await queue.nudge()

    expect(lines).toMatchObject([
      { message: 'The nudge failed; cron will find the work', error: { message: 'no bell' } },
      { message: 'The nudge works again', times: 2 },
    ])
  })

  test('a tick that has no time to go on reports what it left', async () => {
    const again = task('again', {
      maxAttempts: 2,
      backoff: fixed(0),
      run: (_: unknown) => {
        throw new Error('not yet')
      },
    })
    const { driver } = await openQueue(database)
    let nudges = 0
    const jobs = defineQueue({
      tasks: [again, flaky],
      logger: silent,
      connect: () => ({ driver, nudge: () => void (nudges += 1) }),
    })
    const queue = jobs.open()
    await queue.enqueueAll([again.call(1), flaky.call(1)])
    nudges = 0

    const report = await tick(queue, { deadline: new Date(Date.now() + 4000) })

    expect(report).toMatchObject({ retried: 2, more: true })
    expect(Number(report.nextDueAt?.getTime())).toBeLessThan(Date.now() + 1000)
    expect(nudges).toBe(1)
  })

  test.each([{ queues: ['z'] }, { queues: ['none', 'z*'] }, { queues: ['z', 'z*'] }])(
    'a tick serves $queues behind 1,500 ready queues that no worker serves, and leaves nothing to do',
    async ({ queues }) => {
      const { queue, driver } = await openQueue(database, { workers: { last: { queues } } })
      await driver.batch([{ sql: manyQueues(driver, 1500), parameters: [] }])
      const { id } = await queue.enqueue(greet, { name: 'Ada' }, { queue: 'z' })

      const report = await tick(queue)

      expect(report).toMatchObject({ claimed: 1, succeeded: 1, more: false })
      expect((await queue.find(id))?.state).toBe('finished')
    },
  )

  test('a tick steps over paused queues to the one behind them, and asks nothing for a worker that has only paused ones', async () => {
    const { queue } = await openQueue(database, {
      workers: { paused: { queues: ['a1', 'a*'] }, behind: { queues: ['a*', 'b*'] } },
    })
    await tick(queue)
    await queue.enqueueAll(['a1', 'a2', 'b1', 'b2'].map((name) => greet.using({ queue: name }).call({ name })))
    for (const name of ['a1', 'a2', 'b1']) await manage(queue).queues.pause(name)

    const first = await tick(queue)
    const second = await tick(queue)

    expect(first).toMatchObject({ claimed: 1, more: false })
    // One look.
    expect(second).toMatchObject({ claimed: 0, more: false, roundTrips: 1 })
  })

  test('what a job enqueues is performed by the same tick', async () => {
    const parent = task('parent', {
      run: async (_: unknown, { queue }) => {
        await queue.enqueue(greet, { name: 'child' }, { queue: 'late' })
      },
    })
    const { queue } = await openQueue(database, {
      tasks: [parent],
      workers: { late: { queues: ['late'] }, default: { queues: ['default'] } },
    })
    await queue.enqueue(parent, null)

    expect(await tick(queue)).toMatchObject({ succeeded: 2, more: false })
  })

  test('a tick that has to leave work behind asks for another one, unless it got nowhere', async () => {
    const { driver } = await openQueue(database, { shutdownGrace: '10ms' })
    let nudges = 0
    const jobs = defineQueue({
      tasks: [greet, deaf],
      logger: silent,
      shutdownGrace: '10ms',
      connect: () => ({ driver, nudge: () => void (nudges += 1) }),
    })
    const queue = jobs.open()
    await queue.enqueueAll([greet.call({ name: 'first' }), deaf.call()])
    nudges = 0

    const first = await tick(queue, { deadline: new Date(Date.now() + 1500) })
    const asked = nudges
    const second = await tick(queue, { deadline: new Date(Date.now() + 1500) })

    expect([first, second]).toMatchObject([
      { succeeded: 1, released: 1, more: true },
      { succeeded: 0, released: 1, more: true },
    ])
    expect([asked, nudges]).toEqual([1, 1])
  })

  test('due jobs are dispatched in one round trip, at most dispatchMax', async () => {
    const { queue, advance } = await openQueue(database, { dispatchMax: 500 })
    await queue.enqueueAll(
      greet.using({ runAfter: '1m' }),
      Array.from({ length: 500 }, () => ({ name: 'due' })),
    )
    advance(60_000)

    const report = await dispatch(queue)

    expect(report).toMatchObject({ dispatched: 500, roundTrips: 2 })
  })

  test('what was dispatched behind a lost answer is performed by the same tick', async () => {
    const { queue, driver, advance } = await openQueue(database)
    await tick(queue)
    await queue.enqueue(greet, { name: 'later' }, { runAfter: '1m' })
    advance(60_001)
    // The first batch looks, the second one dispatches.
    const losing = losingAnswers(driver, { times: 1, after: 1 })

    const report = await tick(
      defineQueue({ tasks: [greet], logger: silent, connect: () => ({ driver: losing }) }).open(),
    )

    expect(report).toMatchObject({ succeeded: 1, retriedBatches: 1 })
  })

  test('two dispatches at once move each job once', async () => {
    const { queue, advance } = await openQueue(database, { dispatchMax: 10 })
    await queue.enqueueAll(
      greet.using({ runAfter: '1m' }),
      Array.from({ length: 95 }, () => ({ name: 'due' })),
    )
    advance(60_000)

    const reports = await Promise.all(Array.from({ length: 4 }, () => dispatch(queue)))
    const performed = await work(queue)

    expect(reports.reduce((sum, { dispatched }) => sum + dispatched, 0)).toBe(95)
    expect(performed.succeeded).toBe(95)
  })

  test('a tick performs the queues of every worker, each within its concurrency', async () => {
    const gate = new Gate()
    const { queue } = await openQueue(database, {
      tasks: [gate.task],
      workers: { mail: { queues: ['mail'], concurrency: 2 }, rest: { concurrency: 3 } },
    })
    await queue.enqueueAll(gate.task.using({ queue: 'other' }), [undefined, undefined, undefined, undefined])
    const working = tick(queue)
    let running = 0
    queue.on('job.started', () => void (running += 1))

    await expect.poll(() => running).toBe(3)
    gate.open()
    const report = await working

    expect(report).toMatchObject({ succeeded: 4 })
  })

  test('a tick one of whose workers fails waits for the others', async () => {
    const gate = new Gate()
    const { driver } = await openQueue(database)
    let refused = false
    const failing = refusingTexts(driver, (text) => {
      const isOfItsClaim = text === 'broken'
      refused ||= isOfItsClaim
      return isOfItsClaim
    })
    const queue = defineQueue({
      tasks: [gate.task],
      workers: { mail: { queues: ['mail'] }, broken: { queues: ['other'] } },
      connect: () => ({ driver: failing }),
      logger: silent,
    }).open()
    const { id } = await queue.enqueue(gate.task, undefined, { queue: 'mail' })
    await queue.enqueue(gate.task, undefined, { queue: 'other' })
    let ended = false
    const working = tick(queue).finally(() => (ended = true))
    working.catch(() => {})
    await expect.poll(async () => refused && (await queue.find(id))?.state).toBe('claimed')
    const endedBefore = ended

    gate.open()
    await expect(working).rejects.toThrow(/refused/)

    expect(endedBefore).toBe(false)
    expect((await queue.find(id))?.state).toBe('finished')
  })

  test('a lingering work tick performs what comes later, and ends when it is told to', async () => {
    const { queue } = await openQueue(database, { workers: { default: { pollInterval: 10 } } })
    const stop = new AbortController()
    const working = work(queue, { linger: true, signal: stop.signal })

    const { id } = await queue.enqueue(greet, { name: 'late' })
    await expect.poll(async () => (await queue.find(id))?.state).toBe('finished')
    stop.abort()
    const report = await working

    expect(report).toMatchObject({ succeeded: 1 })
  })

  test('a tick whose deadline has come does not begin', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueue(greet, { name: 'waits' })

    const report = await work(queue, { deadline: new Date(Date.now() - 1) })

    expect(report).toMatchObject({ succeeded: 0 })
  })

  test('result waits for the job, and says when it failed or is unknown', async () => {
    const { queue } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'World' })
    const waiting = queue.result(id, { of: greet })

    await tick(queue)

    expect(await waiting).toEqual({ greeting: 'Hello, World', at: new Date(0) })
    await expect(queue.result('0190a5f0-0000-7000-8000-000000000009')).rejects.toThrow(/No job/)
    await expect(queue.result('nonsense')).rejects.toThrow(/no job id/)
  })
}

import { expect, test } from 'vitest'
import { defineQueue, FinalError, fixed, type Queue, type Task, task } from '../../src/index.ts'
import type { Driver } from '../../src/dialects/driver.ts'
import { claimBy, processA, processB, settleBy } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { counted, losingAnswers } from '../support/flaky-driver.ts'
import { brokenJobs } from '../support/invariants.ts'
import { openQueue as open, silent } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { greet } from '../support/tasks.ts'

interface Call {
  readonly account: string | null
  readonly fails?: 'once' | 'for good'
}

const run = ({ fails }: Call, { attempt }: { attempt: number }): string => {
  if (fails === 'for good') throw new FinalError('never')
  if (fails === 'once' && attempt === 1) throw new Error('not yet')
  return 'done'
}
const key = ({ account }: Call) => account

const one = task('one', { run, maxAttempts: 2, backoff: fixed('1m'), concurrency: { key, duration: '5m' } })
const two = task('two', { run, concurrency: { key, limit: 2 } })
const skip = task('skip', { run, concurrency: { key, onConflict: 'skip' } })
const a = { account: 'a' }
const b = { account: 'b' }

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

/** A queue on which nothing is ever broken: that is looked at when the test ends. */
async function openQueue(database: OpenDatabase, options: Parameters<typeof open>[1] = {}) {
  const opened = await open(database, { ...options, tasks: [one, two, skip, ...(options.tasks ?? [])] })
  const { queue, driver } = opened
  return {
    ...opened,
    stateOf: async (id: string | null | undefined) => (await queue.find(id as string))?.state,
    statesOf: async (jobs: readonly { id: string | null }[]) =>
      Promise.all(jobs.map(async ({ id }) => (await queue.find(id as string))?.state)),
    whole: async () => expect(await brokenJobs(driver)).toEqual([]),
  }
}

const semaphores = async (driver: Driver) =>
  (
    await rowsOf(driver, `select key from ${table(driver, 'semaphores')} where key not like 'worker:%' order by key`)
  ).map((row) => row['key'])

const finish = (driver: Driver, id: string, processId = processA) =>
  settleBy(driver, processId, [{ id }], [{ key: 'one/a', limit: 1, jobId: id }])

export function limiting(database: OpenDatabase): void {
  test('who cancels or discards a job asks for a tick: the next one of its key may be ready', async () => {
    const { driver } = await openQueue(database)
    let nudges = 0
    const connection = { driver, nudge: () => void (nudges += 1) }
    const queue = defineQueue({ tasks: [one], connect: () => connection, logger: silent }).attach(connection)
    const jobs = await queue.enqueueAll(one, times(5, a))
    const [first, second] = jobs.map(({ id }) => id) as [string, string]
    const seen: number[] = []
    for (const move of [
      () => queue.discard(first),
      () => queue.cancel(second),
      () => queue.discardAll({ state: 'ready' }, { dryRun: true }),
      () => queue.discardAll({ state: 'ready' }),
      () => queue.cancelAll({ state: 'ready' }),
      () => queue.cancelAll({ state: 'scheduled' }),
    ]) {
      nudges = 0
      await move()
      seen.push(nudges)
    }

    expect(seen).toEqual([1, 1, 0, 1, 1, 0])
  })

  test('as many jobs of a key as its limit are ready, the rest wait their turn: by priority, then in order', async () => {
    const { queue, statesOf, whole } = await openQueue(database)
    const others = await queue.enqueueAll(one, [b, { account: null }, { account: null }])
    const first = await queue.enqueue(one, a)
    const [second, third] = await queue.enqueueAll(one, [a, a])
    const urgent = await queue.enqueue(one.using({ priority: 5 }), a)
    const pair = await queue.enqueueAll(two, times(3, a))

    expect(others.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    expect([first, second, third, urgent].map((job) => job?.state)).toEqual(['ready', 'blocked', 'blocked', 'blocked'])
    expect(pair.map(({ state }) => state)).toEqual(['ready', 'ready', 'blocked'])
    expect(await queue.find(first.id)).toMatchObject({ concurrencyKey: 'one/a', state: 'ready' })
    await whole()

    const order: string[] = []
    queue.on('job.started', ({ id }) => void order.push(id))
    const report = await queue.work()

    expect(order.filter((id) => [first, second, third, urgent].some((job) => job?.id === id))).toEqual(
      [first, urgent, second, third].map((job) => job?.id),
    )
    expect(report).toMatchObject({ claimed: 10, succeeded: 10 })
    expect(new Set(await statesOf([...others, first, urgent, ...pair]))).toEqual(new Set(['finished']))
    await whole()
  })

  test('no more jobs of a key are performed at once than its limit', async () => {
    const performed = new Map<string, { now: number; most: number }>()
    const watched = task('watched', {
      run: async ({ account }: Call) => {
        const seen = performed.get(String(account)) ?? { now: 0, most: 0 }
        performed.set(String(account), seen)
        seen.now += 1
        seen.most = Math.max(seen.most, seen.now)
        await new Promise((resolve) => setImmediate(resolve))
        seen.now -= 1
      },
      concurrency: { key, limit: 3 },
    })
    const { queue, whole } = await openQueue(database, { tasks: [watched], workers: { default: { concurrency: 20 } } })
    await queue.enqueueAll(watched, [...times(30, a), ...times(30, b)])

    await Promise.all([queue.work(), queue.work(), queue.work()])
    await queue.tick()

    expect(await queue.counts()).toMatchObject({ finished: { count: 60 }, blocked: { count: 0 } })
    expect([...performed.values()].map(({ most }) => most)).toEqual([3, 3])
    await whole()
  })

  test('keys are of their task, or of a group that tasks share; numbers are texts; what slashes say is not confused', async () => {
    const grouped = (name: string, group: string) =>
      task(name, { run: (_: number | string) => {}, concurrency: { key: (id) => id, group } })
    const [mail, push, odd, other] = [
      grouped('mail', 'out'),
      grouped('push', 'out'),
      grouped('odd', 'x/y'),
      grouped('other', 'x'),
    ]
    const fixedKey = task('fixed', { run: () => {}, concurrency: { key: 'all' } })
    const { queue, whole } = await openQueue(database, { tasks: [mail, push, odd, other, fixedKey] })

    const states = (await queue.enqueueAll([
      mail.call(7),
      push.call('7'),
      one.call({ account: '7' }),
      odd.call('z'),
      other.call('y/z'),
      fixedKey.call(),
      fixedKey.call(),
      mail.call(''),
      push.call(''),
    ])) as { id: string; state: string }[]

    expect(states.map(({ state }) => state)).toEqual([
      'ready',
      'blocked',
      'ready',
      'ready',
      'ready',
      'ready',
      'blocked',
      'ready',
      'blocked',
    ])
    expect((await queue.find(states[3]?.id as string))?.concurrencyKey).toBe('x%2Fy/z')
    await whole()
  })

  test('a job that is not to wait is skipped when its key is full, and says who holds it', async () => {
    const { queue, whole } = await openQueue(database)
    const first = await queue.enqueue(skip, a)

    const second = await queue.enqueue(skip, a)
    const several = await queue.enqueueAll(skip, [b, b, a])

    expect(first).toMatchObject({ state: 'ready' })
    expect(second).toEqual({ id: null, outcome: 'skipped', heldBy: [first.id] })
    expect(several).toEqual([
      { id: expect.any(String), state: 'ready' },
      { id: null, outcome: 'skipped', heldBy: [several[0]?.id] },
      { id: null, outcome: 'skipped', heldBy: [first.id] },
    ])
    expect(await queue.counts()).toMatchObject({ ready: { count: 2 }, blocked: { count: 0 } })
    await queue.work()
    expect(await queue.enqueue(skip, a)).toMatchObject({ state: 'ready' })
    await whole()
  })

  test('a thousand limited jobs are placed in one round trip, as one by one', async () => {
    let calls: ReturnType<typeof counted> | undefined
    const { queue, whole } = await openQueue((options) => (calls = counted(database(options))))
    const accounts = Array.from({ length: 100 }, (_, index) => `account ${index}`)
    const held = new Map<string, number>()
    const jobs = Array.from({ length: 1000 }, (_, index) => {
      const of = [one, two, skip][index % 3] as Task<string, Call, unknown, unknown, true>
      const account = accounts[(index * 37) % 100] as string
      const later = index % 10 === 9
      const name = `${of.name}/${account}`
      const limit = of.name === 'two' ? 2 : 1
      const full = (held.get(name) ?? 0) >= limit
      if (!later && !full) held.set(name, (held.get(name) ?? 0) + 1)
      const expected = later ? 'scheduled' : full ? (of.name === 'skip' ? 'skipped' : 'blocked') : 'ready'
      return { call: (later ? of.using({ runAfter: '1h' }) : of).call({ account }), expected }
    })
    const before = calls?.batches ?? 0

    const placed = await queue.enqueueAll(jobs.map(({ call }) => call))

    expect((calls?.batches ?? 0) - before).toBe(1)
    expect(placed.map((job) => (job.id === null ? 'skipped' : job.state))).toEqual(jobs.map(({ expected }) => expected))
    await whole()
  })

  test('a scheduled job takes its place when it is due, not before', async () => {
    const { queue, advance, stateOf, statesOf, whole } = await openQueue(database)
    const later = await queue.enqueueAll(one.using({ runAfter: '1h' }), [a, a])
    const laterSkip = await queue.enqueueAll(skip.using({ runAfter: '1h' }), [b, b])
    const now = await queue.enqueue(one, a)

    expect(now.state).toBe('ready')
    advance(3_600_000)
    expect(await queue.dispatch()).toMatchObject({ dispatched: 4, skipped: 1 })
    expect(await statesOf(later)).toEqual(['blocked', 'blocked'])
    expect(await statesOf(laterSkip as { id: string }[])).toEqual(['ready', 'finished'])
    expect(await queue.find(laterSkip[1]?.id as string)).toMatchObject({ outcome: 'skipped', attempts: 0 })
    await whole()
    await queue.work()
    expect([await stateOf(now.id), ...(await statesOf(later))]).toEqual(times(3, 'finished'))
    await whole()
  })

  test('a job that fails gives its place back, and queues again when it is tried again', async () => {
    const { queue, advance, stateOf, whole } = await openQueue(database, { workers: { default: { concurrency: 1 } } })
    const failing = await queue.enqueue(one, { account: 'a', fails: 'once' })
    const doomed = await queue.enqueue(one, { account: 'a', fails: 'for good' })
    const last = await queue.enqueue(one, a)

    await queue.work()

    expect([await stateOf(failing.id), await stateOf(doomed.id), await stateOf(last.id)]).toEqual([
      'scheduled',
      'failed',
      'finished',
    ])
    await whole()
    const holder = await queue.enqueue(one, a)
    advance(60_000)
    await queue.dispatch()
    expect(await stateOf(failing.id)).toBe('blocked')
    await queue.work()
    expect([await stateOf(holder.id), await stateOf(failing.id)]).toEqual(['finished', 'finished'])
    await whole()
  })

  test('what an operator retries or runs now queues like a new job, and is never skipped', async () => {
    const { queue, stateOf, statesOf, whole } = await openQueue(database)
    const failed = await queue.enqueueAll(skip, [
      { account: 'a', fails: 'for good' },
      { account: 'b', fails: 'for good' },
    ])
    await queue.work()
    const holder = await queue.enqueue(skip, a)
    const scheduled = await queue.enqueueAll(one.using({ runAfter: '1h' }), [a, a])

    await queue.retryAll()
    await queue.runAllNow()

    expect(await statesOf(failed as { id: string }[])).toEqual(['blocked', 'ready'])
    expect(await statesOf(scheduled)).toEqual(['ready', 'blocked'])
    expect(await stateOf(holder.id)).toBe('ready')
    await whole()
  })

  test.each([
    ['discarded', (queue: Queue, id: string) => queue.discard(id)],
    ['cancelled', (queue: Queue, id: string) => queue.cancel(id)],
  ] as const)('a ready job that is %s makes room for the next; one that waits does not', async (_, move) => {
    const { queue, statesOf, whole } = await openQueue(database)
    const jobs = await queue.enqueueAll(one, times(4, a))
    const pair = await queue.enqueueAll(two, times(4, a))
    const [holder, waiter, next, last] = jobs

    await move(queue, waiter?.id as string)
    expect(await statesOf([holder, next, last] as { id: string }[])).toEqual(['ready', 'blocked', 'blocked'])
    await whole()
    await move(queue, holder?.id as string)
    expect(await statesOf([next, last] as { id: string }[])).toEqual(['ready', 'blocked'])
    for (const { id } of pair.slice(0, 2)) await move(queue, id)
    expect(await statesOf(pair.slice(2))).toEqual(['ready', 'ready'])
    await whole()
  })

  test('in bulk, the places of what goes are taken by what stays', async () => {
    const { queue, statesOf, whole } = await openQueue(database)
    const jobs = await queue.enqueueAll(two.using({ queue: 'mail' }), times(6, a))
    const kept = await queue.enqueueAll(two.using({ queue: 'other' }), times(3, a))

    await queue.purge('mail')
    expect(await statesOf([...jobs, ...kept])).toEqual([
      undefined,
      undefined,
      'ready',
      'ready',
      'blocked',
      'blocked',
      'blocked',
      'blocked',
      'blocked',
    ])
    await whole()
    await queue.discardAll({ state: 'ready', ids: jobs.map(({ id }) => id) })
    await queue.discardAll({ state: 'blocked', queue: 'mail' })
    await whole()
    await queue.cancelAll({ state: 'ready', queue: 'mail' })
    expect(await statesOf(kept)).toEqual(['ready', 'ready', 'blocked'])
    await whole()
  })

  test('jobs of a lost invocation give their places back', async () => {
    const { queue, driver, advance, stateOf, whole } = await openQueue(database)
    const [lost, next] = await queue.enqueueAll(one, [a, a])
    await claimBy(driver, processA, { max: 1, leaseMs: 60_000 })
    advance(60_001)

    await queue.prune()

    expect([await stateOf(lost?.id), await stateOf(next?.id)]).toEqual(['scheduled', 'ready'])
    await whole()
    await queue.dispatch()
    expect(await stateOf(lost?.id)).toBe('blocked')
    await whole()
  })

  test('a job that is released keeps its place', async () => {
    const { queue, driver, stateOf, whole } = await openQueue(database)
    const [held, next] = await queue.enqueueAll(one, [a, a])
    await claimBy(driver, processA, { max: 1 })

    await settleBy(
      driver,
      processA,
      [{ id: held?.id as string, kind: 'released', spent: false }],
      [{ key: 'one/a', limit: 1, jobId: held?.id as string }],
    )

    expect([await stateOf(held?.id), await stateOf(next?.id)]).toEqual(['ready', 'blocked'])
    await whole()
  })

  test('after its duration others pass a job that is performed; a job that waits keeps its place', async () => {
    const { queue, driver, advance, stateOf, whole } = await openQueue(database, { maintenanceInterval: '1h' })
    const [long, second, third] = await queue.enqueueAll(one, times(3, a))
    advance(600_000)
    expect(await queue.maintain()).toMatchObject({ expired: 0, unblocked: 0 })
    await claimBy(driver, processA, { max: 1, leaseMs: 3_600_000 })
    advance(299_999)
    expect(await queue.maintain()).toMatchObject({ expired: 0, unblocked: 0 })
    advance(1)
    expect(await queue.maintain()).toMatchObject({ expired: 1, unblocked: 1 })
    expect([await stateOf(long?.id), await stateOf(second?.id), await stateOf(third?.id)]).toEqual([
      'claimed',
      'ready',
      'blocked',
    ])
    await whole()

    await finish(driver, long?.id as string)
    expect([await stateOf(long?.id), await stateOf(second?.id), await stateOf(third?.id)]).toEqual([
      'finished',
      'ready',
      'blocked',
    ])
    await whole()
  })

  test('of a key, only those lose their place whose duration is over', async () => {
    const { queue, driver, advance, statesOf, whole } = await openQueue(database, { maintenanceInterval: '1h' })
    const jobs = await queue.enqueueAll(two, times(4, a))
    await claimBy(driver, processA, { max: 1, leaseMs: 3_600_000 })
    advance(120_000)
    await claimBy(driver, processB, { max: 1, leaseMs: 3_600_000 })
    advance(60_000)

    expect(await queue.maintain()).toMatchObject({ expired: 1, unblocked: 1 })
    expect(await statesOf(jobs)).toEqual(['claimed', 'claimed', 'ready', 'blocked'])
    await whole()
  })

  test('a job whose place went meanwhile queues again when it is released', async () => {
    const { queue, driver, advance, stateOf, whole } = await openQueue(database)
    const [long, second] = await queue.enqueueAll(one, times(2, a))
    await claimBy(driver, processA, { max: 1, leaseMs: 3_600_000 })
    advance(300_000)
    await queue.maintain()

    await settleBy(
      driver,
      processA,
      [{ id: long?.id as string, kind: 'released', spent: false }],
      [{ key: 'one/a', limit: 1, jobId: long?.id as string }],
    )

    expect([await stateOf(long?.id), await stateOf(second?.id)]).toEqual(['scheduled', 'ready'])
    await whole()
    await queue.dispatch()
    expect(await stateOf(long?.id)).toBe('blocked')
    await whole()
  })

  test('a raised limit is topped up, a lowered one drains', async () => {
    const limited = (limit: number) => task('deploy', { run, concurrency: { key, limit } })
    const [low, high] = [limited(1), limited(3)]
    const old = await openQueue(database, { tasks: [low] })
    const { queue, statesOf, whole } = old
    const jobs = await queue.enqueueAll(low, times(4, a))
    const newer = defineQueue({ tasks: [high], connect: () => ({ driver: old.driver }), logger: silent }).open({})

    const newest = await newer.enqueue(high, a)
    await queue.maintain()

    expect(newest.state).toBe('blocked')
    expect(await statesOf([...jobs, newest])).toEqual(['ready', 'ready', 'ready', 'blocked', 'blocked'])
    await whole()
    await queue.enqueue(low, a)
    await queue.maintain()
    expect(await statesOf([...jobs, newest])).toEqual(['ready', 'ready', 'ready', 'blocked', 'blocked'])
    await claimBy(old.driver, processB, { max: 1 })
    const [claimed] = await queue.invocations()
    const done = claimed?.jobs[0]?.id as string
    await settleBy(old.driver, processB, [{ id: done }], [{ key: 'deploy/a', limit: 1, jobId: done }])
    expect(await queue.counts()).toMatchObject({ ready: { count: 2 }, blocked: { count: 3 } })
  })

  test('keys that nobody needs are forgotten; full ones hide none that is open', async () => {
    const { queue, driver, whole } = await openQueue(database)
    await queue.enqueueAll(
      one,
      Array.from({ length: 1200 }, (_, index) => ({ account: String(1000 + (index % 600)) })),
    )
    await queue.enqueueAll(one, [{ account: 'z' }, { account: 'z' }])
    const z = await rowsOf(driver, `select job_id from ${table(driver, 'permits')} where concurrency_key = 'one/z'`)
    await rowsOf(
      driver,
      `delete from ${table(driver, 'ready_executions')} where job_id = '${String(z[0]?.['job_id'])}'`,
    )
    await rowsOf(driver, `delete from ${table(driver, 'permits')} where concurrency_key = 'one/z'`)
    await rowsOf(driver, `delete from ${table(driver, 'jobs')} where id = '${String(z[0]?.['job_id'])}'`)

    expect(await queue.maintain()).toMatchObject({ unblocked: 1 })
    await whole()
    await queue.tick()
    expect(await queue.counts()).toMatchObject({ finished: { count: 1201 } })
    expect(await semaphores(driver)).toHaveLength(601)
    await queue.maintain()
    expect(await semaphores(driver)).toEqual([])
    await whole()
  })

  test('ten thousand keys that have room are topped up in bounded batches', async () => {
    const { queue, driver, whole } = await openQueue(database)
    const keys = 10_000
    for (let from = 0; from < keys; from += 500)
      await queue.enqueueAll(
        one,
        Array.from({ length: 1000 }, (_, index) => ({ account: String(from + (index >> 1)) })),
      )
    expect(await queue.counts()).toMatchObject({ ready: { count: keys }, blocked: { count: keys } })
    await rowsOf(driver, `update ${table(driver, 'semaphores')} set concurrency_limit = 2`)

    const report = await queue.maintain()

    expect(report).toMatchObject({ unblocked: keys, more: false })
    // Five hundred keys at a time: found by one batch, mended by another.
    expect(report.roundTrips).toBeLessThan(2 * (keys / 500) + 6)
    await whole()
  })

  test('an enqueue of limited jobs whose answer was lost stores each once', async () => {
    const { driver, whole } = await openQueue(database)
    const losing = losingAnswers(driver, { times: 1 })
    const queue = defineQueue({ tasks: [one], connect: () => ({ driver: losing }), logger: silent }).open({})

    const jobs = await queue.enqueueAll(one, times(3, a))

    expect(jobs.map(({ state }) => state)).toEqual(['ready', 'blocked', 'blocked'])
    expect(await queue.counts()).toMatchObject({ ready: { count: 1 }, blocked: { count: 2 } })
    await whole()
  })

  test('who holds a key is told, and by whom a job is blocked', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const [held, waiting] = await queue.enqueueAll(one, [a, a, a])
    const pair = await queue.enqueueAll(two, [b, b])
    advance(5000)
    await claimBy(driver, processA, { max: 1 })
    const start = Date.UTC(2026, 0, 1)
    const few = (count: number) => ({ count, more: false })

    const keys = await queue.keys()
    const holders = await queue.holders('one/a')
    const explained = await queue.explain(waiting?.id as string)
    const blocked = await queue.list({ state: 'blocked' })

    expect(keys).toEqual([
      { key: 'one/a', limit: 1, held: few(1), waiting: few(2) },
      { key: 'two/b', limit: 2, held: few(2), waiting: few(0) },
    ])
    expect(await queue.keys({ max: 1, after: 'one/a' })).toEqual(keys.slice(1))
    expect(holders).toEqual([{ id: held?.id, taskName: 'one', state: 'claimed', since: new Date(start + 5000) }])
    expect(await queue.holders('two/b')).toEqual(
      pair.map(({ id }) => ({ id, taskName: 'two', state: 'ready', since: new Date(start) })),
    )
    expect(explained?.reasons).toEqual([
      {
        code: 'blocked',
        message: `Its key "one/a" is full: it is held by job ${held?.id} (claimed since 2026-01-01T00:00:05.000Z). It follows when one of them ends, or is cancelled or discarded.`,
      },
    ])
    expect(blocked.jobs).toMatchObject([{ id: waiting?.id, state: 'blocked' }, { state: 'blocked' }])
    await expect(queue.keys({ max: 0 })).rejects.toThrow(/max: 0/)
  })

  test('jobs without a limit share the queue with those that wait', async () => {
    const { queue, whole } = await openQueue(database)
    await queue.enqueueAll([one.call(a), greet.call({ name: 'free' }), one.call(a), greet.call({ name: 'free' })])

    expect(await queue.tick()).toMatchObject({ succeeded: 4, more: false })
    await whole()
  })

  test('a key that cannot be made is named, and nothing is stored', async () => {
    const picky = task('picky', { run: (_: { id: string }) => {}, concurrency: { key: ({ id }) => id } })
    const { queue } = await openQueue(database, { tasks: [picky] })

    await expect(queue.enqueueAll(picky, [{ id: 'x' }, undefined as never])).rejects.toThrow(
      /^\[1\]\.payload: the concurrency key of task "picky" cannot be made of it: /,
    )
    await expect(queue.enqueue(picky, { id: 'x'.repeat(256) })).rejects.toThrow(/256 characters; 255 at most/)
    await expect(queue.enqueue(picky, { id: {} as never })).rejects.toThrow(/is no text or number/)
    expect((await queue.counts()).ready.count).toBe(0)
  })
}

import { expect, test } from 'vitest'
import { defineQueue, type Task, task } from '../../../src/index.ts'
import { claimBy, processA } from '../../support/claims.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { counted, losingAnswers } from '../../support/flaky-driver.ts'
import { silent } from '../../support/open-queue.ts'
import { greet } from '../../support/tasks.ts'
import { a, b, type Call, key, one, openQueue, skip, times, two } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { dispatch, tick, work } from '../../../src/ticks/index.ts'

/** Which jobs of a key are ready, which wait, and how that is told. */
export function placing(database: OpenDatabase): void {
  test('as many jobs of a key as its limit are ready, the rest wait their turn: by priority, then in order', async () => {
    const { queue, statesOf, whole } = await openQueue(database)
    const others = await queue.enqueueAll(one, [b, { account: null }, { account: null }])
    const first = await queue.enqueue(one, a)
    const [second, third] = await queue.enqueueAll(one, [a, a])
    const urgent = await queue.enqueue(one, a, { priority: 5 })
    const pair = await queue.enqueueAll(two, times(3, a))

    expect(others.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    expect([first, second, third, urgent].map((job) => job?.state)).toEqual(['ready', 'blocked', 'blocked', 'blocked'])
    expect(pair.map(({ state }) => state)).toEqual(['ready', 'ready', 'blocked'])
    expect(await queue.find(first.id)).toMatchObject({ concurrencyKey: 'one/a', state: 'ready' })
    await whole()

    const order: string[] = []
    queue.on('job.started', ({ id }) => void order.push(id))
    const report = await work(queue)

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

    await Promise.all([work(queue), work(queue), work(queue)])
    await tick(queue)

    expect(await manage(queue).jobs.counts()).toMatchObject({ finished: { count: 60 }, blocked: { count: 0 } })
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
    expect(second).toEqual({ id: null, state: 'skipped', heldBy: [first.id] })
    expect(several).toEqual([
      { id: expect.any(String), state: 'ready', created: true },
      { id: null, state: 'skipped', heldBy: [several[0]?.id] },
      { id: null, state: 'skipped', heldBy: [first.id] },
    ])
    expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: 2 }, blocked: { count: 0 } })
    await work(queue)
    expect(await queue.enqueue(skip, a)).toMatchObject({ state: 'ready' })
    await whole()
  })

  test('a thousand limited jobs are placed in one round trip, as one by one', async () => {
    let calls: ReturnType<typeof counted> | undefined
    const { queue, whole } = await openQueue((options) => (calls = counted(database(options))))
    const accounts = Array.from({ length: 100 }, (_, index) => `account ${index}`)
    const held = new Map<string, number>()
    const jobs = Array.from({ length: 1000 }, (_, index) => {
      const of = [one, two, skip][index % 3] as Task<string, Call, unknown, unknown, 'skip'>
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
    expect(await dispatch(queue)).toMatchObject({ dispatched: 4, skipped: 1 })
    expect(await statesOf(later)).toEqual(['blocked', 'blocked'])
    expect(await statesOf(laterSkip as { id: string }[])).toEqual(['ready', 'finished'])
    expect(await queue.find(laterSkip[1]?.id as string)).toMatchObject({ outcome: 'skipped', attempts: 0 })
    await expect(queue.result(laterSkip[1]?.id as string)).rejects.toMatchObject({
      code: 'JOB_SKIPPED',
      message: expect.stringContaining('was skipped: its key "'),
    })
    await whole()
    await work(queue)
    expect([await stateOf(now.id), ...(await statesOf(later))]).toEqual(times(3, 'finished'))
    await whole()
  })

  test('an enqueue of limited jobs whose answer was lost stores each once', async () => {
    const { driver, whole } = await openQueue(database)
    const losing = losingAnswers(driver, { times: 1 })
    const queue = defineQueue({ tasks: [one], connect: () => ({ driver: losing }), logger: silent }).open()

    const jobs = await queue.enqueueAll(one, times(3, a))

    expect(jobs.map(({ state }) => state)).toEqual(['ready', 'blocked', 'blocked'])
    expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: 1 }, blocked: { count: 2 } })
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

    const keys = (await manage(queue).keys.list()).items
    const holders = await manage(queue).keys.holders('one/a')
    const explained = await manage(queue).jobs.explain(waiting?.id as string)
    const blocked = await manage(queue).jobs.list({ state: 'blocked' })

    expect(keys).toEqual([
      { key: 'one/a', limit: 1, held: few(1), waiting: few(2) },
      { key: 'two/b', limit: 2, held: few(2), waiting: few(0) },
    ])
    expect((await manage(queue).keys.list({ limit: 1, after: 'one/a' })).items).toEqual(keys.slice(1))
    expect(holders).toEqual([{ id: held?.id, task: 'one', state: 'claimed', since: new Date(start + 5000) }])
    expect(await manage(queue).keys.holders('two/b')).toEqual(
      pair.map(({ id }) => ({ id, task: 'two', state: 'ready', since: new Date(start) })),
    )
    expect(explained?.reasons).toEqual([
      {
        code: 'blocked',
        message: `Its key "one/a" is full: it is held by job ${held?.id} (claimed since 2026-01-01T00:00:05.000Z). It follows when one of them ends, or is cancelled or discarded.`,
      },
    ])
    expect(blocked.items).toMatchObject([{ id: waiting?.id, state: 'blocked' }, { state: 'blocked' }])
    await expect(manage(queue).keys.list({ limit: 0 })).rejects.toThrow(/limit: 0/)
  })

  test('jobs without a limit share the queue with those that wait', async () => {
    const { queue, whole } = await openQueue(database)
    await queue.enqueueAll([one.call(a), greet.call({ name: 'free' }), one.call(a), greet.call({ name: 'free' })])

    expect(await tick(queue)).toMatchObject({ succeeded: 4, more: false })
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
    expect((await manage(queue).jobs.counts()).ready.count).toBe(0)
  })
}

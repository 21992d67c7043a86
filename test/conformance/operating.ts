import { expect, test } from 'vitest'
import { ConfigurationError, FinalError, fixed, task } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { claimBy, processA } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { faultsOf } from '../support/invariants.ts'
import { openQueue } from '../support/open-queue.ts'
import { greet, hopeless } from '../support/tasks.ts'
import { type Bulk, type BulkOptions, JobClaimedError, manage } from '../../src/manage/index.ts'
import { tick, work } from '../../src/ticks/index.ts'

const other = task('other', {
  run: () => {
    throw new FinalError('never')
  },
})
const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `${index}` }))
const nothings = (count: number) => Array.from({ length: count }, () => undefined)

/** Calls until no job remains; what each call counted. */
async function sweep(move: (options: BulkOptions) => Promise<Bulk>, options: BulkOptions = {}): Promise<number[]> {
  const counts: number[] = []
  let after: string | null = null
  do {
    const bulk: Bulk = await move({ ...options, after })
    counts.push(bulk.count)
    after = bulk.next
  } while (after !== null)
  return counts
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

export function operating(database: OpenDatabase): void {
  test('jobs that are run now, fail and wait again are not met twice', async () => {
    const stubborn = task('stubborn', {
      maxAttempts: 20,
      backoff: fixed('1h'),
      run: () => {
        throw new Error('not yet')
      },
    })
    const { queue, advance } = await openQueue(database, { tasks: [stubborn] })
    const jobs = await queue.enqueueAll(
      [1, 2, 3, 4, 5].map((minutes) => stubborn.using({ runAfter: `${minutes}m` }).call()),
    )
    advance(1000)

    const counts: number[] = []
    let after: string | null = null
    do {
      const bulk: Bulk = await manage(queue).jobs.runAllNow({}, { limit: 1, after })
      counts.push(bulk.count)
      after = bulk.next
      await work(queue)
      advance(1)
    } while (after !== null && counts.length < 50)

    expect(sum(counts)).toBe(5)
    expect(await Promise.all(jobs.map(async ({ id }) => (await queue.find(id))?.attempts))).toEqual([1, 1, 1, 1, 1])
  })

  test('what a selection does not know is refused, rather than to mean every job', async () => {
    const { queue } = await openQueue(database)

    await expect(manage(queue).jobs.retryAll({ taks: 'x' } as never)).rejects.toThrow(
      /taks: is not known; there are ids, queue/,
    )
    await expect(manage(queue).jobs.list({ state: 'ready', since: new Date() } as never)).rejects.toThrow(
      /since: is not known/,
    )
    expect(() => hopeless.using({ nope: 1 } as never)).toThrow(/nope: is not known; there are queue/)
  })

  test('an id that is given twice is moved once', async () => {
    const { queue } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'twice' }, { runAfter: '1h' })

    expect(await manage(queue).jobs.runAllNow({ ids: [id, id.toUpperCase()] })).toEqual({ count: 1, next: null })
    expect(await manage(queue).jobs.discardAll({ state: 'ready', ids: [id, id] })).toEqual({ count: 1, next: null })
  })

  test('failed jobs of a task are retried, batch by batch, and those that fail again are not met twice', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [other] })
    await queue.enqueueAll(hopeless, nothings(7))
    const others = await queue.enqueueAll(other, nothings(5))
    await work(queue)

    const counts: number[] = []
    let after: string | null = null
    do {
      const bulk: Bulk = await manage(queue).jobs.retryAll({ task: 'hopeless' }, { limit: 3, after })
      counts.push(bulk.count)
      after = bulk.next
      await work(queue)
    } while (after !== null)

    expect(sum(counts)).toBe(7)
    expect(Math.max(...counts)).toBeLessThanOrEqual(3)
    for (const { id } of others) expect((await queue.find(id))?.errors).toHaveLength(1)
    expect(await faultsOf(driver)).toEqual([])
  })

  test('a retried job has all its attempts again', async () => {
    const { queue } = await openQueue(database)
    const { id } = await queue.enqueue(hopeless)
    await work(queue)

    const bulk = await manage(queue).jobs.retryAll({ ids: [id, newId()] })

    expect(bulk).toEqual({ count: 1, next: null })
    expect(await queue.find(id)).toMatchObject({ state: 'ready', attempts: 0, errors: [{ name: 'FinalError' }] })
  })

  test('discarding deletes a job whatever its state, unless it is performed', async () => {
    const { queue, driver } = await openQueue(database)
    const claimed = await queue.enqueue(greet, { name: 'claimed' }, { priority: 9 })
    await claimBy(driver, processA, { max: 1 })
    const failed = await queue.enqueue(hopeless)
    const finished = await queue.enqueue(greet, { name: 'finished' })
    await work(queue)
    const ready = await queue.enqueue(greet, { name: 'ready' })
    const scheduled = await queue.enqueue(greet, { name: 'scheduled' }, { runAfter: '1h' })

    expect(await manage(queue).jobs.discard(ready.id)).toBe(true)
    expect(await manage(queue).jobs.discard(ready.id)).toBe(false)
    expect(await manage(queue).jobs.discard(scheduled.id)).toBe(true)
    expect(await manage(queue).jobs.discard(failed.id)).toBe(true)
    expect(await manage(queue).jobs.discard(finished.id)).toBe(true)
    expect(await manage(queue).jobs.discard(finished.id)).toBe(false)
    expect(await manage(queue).jobs.discard(newId())).toBe(false)
    await expect(manage(queue).jobs.discard(claimed.id)).rejects.toThrow(JobClaimedError)
    for (const { id } of [ready, scheduled, failed, finished]) expect(await queue.find(id)).toBeNull()
    expect((await queue.find(claimed.id))?.state).toBe('claimed')
  })

  test('finished jobs are discarded by a filter, so that what a person asks to be forgotten is', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueueAll(greet, names(3))
    await queue.enqueueAll(greet.using({ queue: 'mail' }), names(2))
    await work(queue)
    const { items } = await manage(queue).jobs.list({ state: 'finished', queue: 'mail' })
    const ids = items.map(({ id }) => id)
    await queue.enqueue(greet, { name: 'ready' })

    const first = await manage(queue).jobs.discardAll({ state: 'finished', queue: 'default' })
    const none = await manage(queue).jobs.discardAll({ state: 'ready', ids })
    const rest = await manage(queue).jobs.discardAll({ state: 'finished', ids })

    expect([first, none, rest].map(({ count }) => count)).toEqual([3, 0, 2])
    expect(await manage(queue).jobs.counts()).toMatchObject({ finished: { count: 0 }, ready: { count: 1 } })
  })

  test('jobs of one state, queue and task are discarded, and no others', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [other] })
    await queue.enqueueAll(greet.using({ queue: 'mail' }), names(5))
    await queue.enqueueAll(other.using({ queue: 'mail' }), nothings(3))
    await queue.enqueueAll(greet.using({ queue: 'bulk' }), names(4))
    await queue.enqueueAll(greet.using({ queue: 'mail', runAfter: '1h' }), names(2))

    const counts = await sweep(
      (options) => manage(queue).jobs.discardAll({ state: 'ready', queue: 'mail', task: 'greet' }, options),
      {
        limit: 2,
      },
    )

    expect(sum(counts)).toBe(5)
    expect(await manage(queue).jobs.discardAll({ state: 'ready' }, { dryRun: true })).toMatchObject({ count: 7 })
    expect(await manage(queue).jobs.discardAll({ state: 'scheduled' }, { dryRun: true })).toMatchObject({ count: 2 })
    expect(await manage(queue).jobs.discardAll({ state: 'scheduled', queue: 'bulk' })).toMatchObject({ count: 0 })
    expect(await work(queue)).toMatchObject({ succeeded: 4, failed: 3 })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('what ids name is moved where it is in the state, and left alone where it is not', async () => {
    const { queue } = await openQueue(database)
    const ready = await queue.enqueue(greet, { name: 'ready' })
    const scheduled = await queue.enqueue(greet, { name: 'scheduled' }, { runAfter: '1h' })
    const ids = [ready.id, scheduled.id.toUpperCase()]

    expect(await manage(queue).jobs.discardAll({ state: 'failed', ids })).toMatchObject({ count: 0 })
    expect(await manage(queue).jobs.discardAll({ state: 'scheduled', ids }, { dryRun: true })).toMatchObject({
      count: 1,
    })
    expect(await manage(queue).jobs.discardAll({ state: 'scheduled', ids })).toMatchObject({ count: 1 })
    expect(await queue.find(scheduled.id)).toBeNull()
    expect((await queue.find(ready.id))?.state).toBe('ready')
  })

  test.each(['ready', 'scheduled', 'failed'] as const)(
    'page by page, each job that is %s is met once, however alike they are',
    async (state) => {
      const { queue, advance } = await openQueue(database, { tasks: [other] })
      for (const priority of [-5, 0, 0, 7])
        for (const name of ['ä', 'mail', 'z%'])
          await queue.enqueueAll(
            (state === 'failed' ? other : greet).using({
              queue: name,
              priority,
              ...(state === 'scheduled' ? { runAfter: priority === 0 ? '1h' : '2h' } : {}),
            }) as typeof other,
            nothings(3),
          )
      if (state === 'failed') await work(queue)
      advance(1)

      const counts = await sweep((options) => manage(queue).jobs.discardAll({ state }, { ...options, limit: 4 }), {
        dryRun: true,
      })
      const ofMail = await sweep((options) => manage(queue).jobs.discardAll({ state, queue: 'mail' }, options), {
        limit: 4,
      })

      expect(sum(counts)).toBe(36)
      expect(sum(ofMail)).toBe(12)
      expect(sum(await sweep((options) => manage(queue).jobs.discardAll({ state }, options), { limit: 5 }))).toBe(24)
    },
  )

  test('a scheduled job runs now, whenever it was due', async () => {
    const { queue, driver } = await openQueue(database)
    const later = await queue.enqueue(greet, { name: 'later' }, { runAfter: '1h' })
    const ready = await queue.enqueue(greet, { name: 'ready' })

    expect(await manage(queue).jobs.runNow(later.id)).toBe(true)
    expect(await manage(queue).jobs.runNow(later.id)).toBe(false)
    expect(await manage(queue).jobs.runNow(ready.id)).toBe(false)
    const job = await queue.find(later.id)
    const report = await work(queue)

    expect(job).toMatchObject({ state: 'ready', scheduledAt: job?.enqueuedAt })
    expect(report.succeeded).toBe(2)
    expect(await faultsOf(driver)).toEqual([])
  })

  test('scheduled jobs of a queue run now, and the others when they are due', async () => {
    const { queue, driver, advance } = await openQueue(database)
    await queue.enqueueAll(greet.using({ queue: 'mail', runAfter: '1h' }), names(3))
    await queue.enqueueAll(greet.using({ queue: 'bulk', runAfter: '1m' }), names(2))
    advance(60_001)

    const counts = await sweep((options) => manage(queue).jobs.runAllNow({ queue: 'mail' }, options), { limit: 2 })
    const before = await work(queue)
    const after = await tick(queue)

    expect([sum(counts), before.succeeded, after.succeeded]).toEqual([3, 3, 2])
    expect(await faultsOf(driver)).toEqual([])
  })

  test('nothing of a paused queue is claimed, until it is resumed', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueue(greet, { name: 'Ada' }, { queue: 'mail' })

    expect([await manage(queue).queues.pause('mail'), await manage(queue).queues.pause('mail')]).toEqual([
      { changed: true, known: true },
      { changed: false, known: true },
    ])
    expect((await tick(queue)).claimed).toBe(0)
    expect([await manage(queue).queues.resume('mail'), await manage(queue).queues.resume('mail')]).toEqual([
      true,
      false,
    ])
    expect((await tick(queue)).claimed).toBe(1)
  })

  test('a pause knows the queues of tasks and workers, and those in which a job waits', async () => {
    const chore = task('chore', { queue: 'chores', run: () => {} })
    const one = task('one', { queue: 'chores', run: () => {}, concurrency: { key: 'all' } })
    const { queue } = await openQueue(database, {
      tasks: [chore, one],
      workers: { all: { queues: ['urgent', 'eu-*', '*'] } },
    })
    await queue.enqueue(greet, { name: 'Ada' }, { queue: 'mail' })
    await queue.enqueue(greet, { name: 'Ada' }, { queue: 'later', runAfter: '1h' })
    await queue.enqueue(one)
    await queue.enqueue(one, undefined, { queue: 'full' })
    const { queues } = manage(queue)
    const knows = async (name: string) => (await queues.pause(name)).known

    for (const name of ['default', 'chores', 'urgent', 'eu-west', 'mail', 'later', 'full'])
      expect([name, await knows(name)]).toEqual([name, true])
    for (const name of ['mial', 'eu', 'al']) expect([name, await knows(name)]).toEqual([name, false])
    expect((await queues.list()).items.map(({ name }) => name)).toContain('mial')
  })

  test('a purge deletes what is ready in its queue, and nothing else', async () => {
    const { queue, driver } = await openQueue(database)
    await queue.enqueueAll(greet.using({ queue: 'mail' }), names(5))
    await queue.enqueue(greet, { name: 'later' }, { queue: 'mail', runAfter: '1h' })
    await queue.enqueue(greet, { name: 'other' }, { queue: 'mails' })

    expect(await manage(queue).queues.purge('mail', { dryRun: true })).toMatchObject({ count: 5 })
    expect(sum(await sweep((options) => manage(queue).queues.purge('mail', options), { limit: 3 }))).toBe(5)
    expect((await work(queue)).succeeded).toBe(1)
    expect(await manage(queue).jobs.discardAll({ state: 'scheduled' }, { dryRun: true })).toMatchObject({ count: 1 })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('a selection that makes no sense is refused, and all of what is wrong is said', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueueAll(greet, names(3))
    const { next } = await manage(queue).jobs.discardAll({ state: 'ready' }, { limit: 1, dryRun: true })

    await expect(manage(queue).jobs.retryAll({ ids: ['5'], task: 'greet' }, { limit: 0 })).rejects.toThrow(
      /limit: 0[^]*ids: give them alone[^]*"5" is no UUID/,
    )
    for (const ids of [5, 'abc', new Set([newId()])])
      await expect(manage(queue).jobs.retryAll({ ids: ids as never })).rejects.toThrow('use an array of job ids')
    await expect(manage(queue).jobs.retryAll({ ids: Array.from({ length: 1001 }, newId) })).rejects.toThrow(
      /1001; give at most 1000/,
    )
    await expect(manage(queue).jobs.retryAll({}, { after: next })).rejects.toThrow(/after: it is not the `next`/)
    await expect(manage(queue).jobs.retryAll({}, { after: 'nonsense' })).rejects.toThrow(/after: it is not the `next`/)
    await expect(manage(queue).jobs.discardAll({ state: 'claimed' as never })).rejects.toThrow(
      /"claimed"; use ready, scheduled, blocked, failed or finished/,
    )
    await expect(manage(queue).queues.purge('no such*')).rejects.toThrow(ConfigurationError)
    await expect(manage(queue).queues.pause('')).rejects.toThrow(ConfigurationError)
  })

  test('a filter that is undefined does not select all jobs', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueue(greet, { name: 'Ada' })

    await expect(
      manage(queue).jobs.discardAll({ state: 'ready', task: undefined } as { state: 'ready' }),
    ).rejects.toThrow('task: undefined; leave it out where jobs of any are meant')

    expect((await manage(queue).jobs.counts()).ready.count).toBe(1)
  })

  test('a `next` of another call widens nothing', async () => {
    const { queue, advance } = await openQueue(database)
    const now = new Date('2026-01-01')
    for (const name of ['a', 'b', 'c']) await queue.enqueue(greet, { name })
    const { next } = await manage(queue).jobs.list({ state: 'ready' }, { limit: 1 })
    const until = { state: 'ready', enqueuedUntil: new Date(now.getTime() - 86_400_000) } as const
    const since = { state: 'ready', enqueuedSince: new Date(now.getTime() + 1) } as const

    for (const selection of [until, since]) {
      expect(await manage(queue).jobs.discardAll(selection, { after: next })).toMatchObject({ count: 0 })
      expect(await manage(queue).jobs.cancelAll(selection, { after: next })).toMatchObject({ count: 0 })
      expect(await manage(queue).jobs.list(selection, { after: next })).toMatchObject({ items: [] })
    }
    const early = await manage(queue).jobs.list(
      { state: 'ready', enqueuedUntil: new Date(now.getTime() + 1) },
      { limit: 1 },
    )
    advance(1000)
    await queue.enqueue(greet, { name: 'd' })
    expect(await manage(queue).jobs.discardAll({ state: 'ready' }, { after: early.next })).toMatchObject({ count: 2 })
    expect((await manage(queue).jobs.counts()).ready.count).toBe(2)
  })

  test.each([
    ['a rank that is no number', ['default', 'y', '00000000-0000-7000-8000-000000000000']],
    ['an id that is no UUID', ['default', '0', 'x']],
    ['a name that no database takes', ['a\0', '0', '00000000-0000-7000-8000-000000000000']],
    ['too few keys', ['default']],
    ['no list', 'abc'],
  ])('a `next` that no call returned is refused: %s', async (_, cursor) => {
    const { queue } = await openQueue(database)
    const forged = (began: unknown, since: unknown = null) =>
      JSON.stringify([['ready', null, null, null, null, since, null], cursor, began])

    await expect(manage(queue).jobs.list({ state: 'ready' }, { after: forged(null) })).rejects.toThrow(
      /after: it is not the `next`/,
    )
    await expect(manage(queue).jobs.discardAll({ state: 'ready' }, { after: forged(null) })).rejects.toThrow(
      /after: it is not the `next`/,
    )
  })

  test('instants that no database knows bound nothing away, and fail nothing', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueue(greet, { name: 'World' })
    const [first, last] = [new Date(-8.64e15), new Date(8.64e15)]

    const all = await manage(queue).jobs.list({ state: 'ready', enqueuedSince: first, enqueuedUntil: last })
    const none = await manage(queue).jobs.list({ state: 'ready', enqueuedSince: last })
    const scheduled = JSON.stringify([
      ['scheduled', null, null, null, null, 9e15, null],
      ['1', '0', all.items[0]?.id],
      null,
    ])

    expect([all.items.length, none.items.length]).toEqual([1, 0])
    await expect(manage(queue).jobs.list({ state: 'scheduled' }, { after: scheduled })).rejects.toThrow(
      /after: it is not the `next`/,
    )
  })
}

import { expect, test } from 'vitest'
import { defineQueue, type Queue } from '../../../src/index.ts'
import { claimBy, processA, settleBy } from '../../support/claims.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { silent } from '../../support/open-queue.ts'
import { a, one, openQueue, skip, times, two } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { dispatch, prune, work } from '../../../src/ticks/index.ts'

/** Jobs that give their place to the next of their key. */
export function givingBack(database: OpenDatabase): void {
  test('who cancels or discards a job asks for a tick: the next one of its key may be ready', async () => {
    const { driver } = await openQueue(database)
    let nudges = 0
    const connection = { driver, nudge: () => void (nudges += 1) }
    const queue = defineQueue({ tasks: [one], connect: () => connection, logger: silent }).open()
    const jobs = await queue.enqueueAll(one, times(5, a))
    const [first, second] = jobs.map(({ id }) => id) as [string, string]
    const seen: number[] = []
    for (const move of [
      () => manage(queue).jobs.discard(first),
      () => manage(queue).jobs.cancel(second),
      () => manage(queue).jobs.discardAll({ state: 'ready' }, { dryRun: true }),
      () => manage(queue).jobs.discardAll({ state: 'ready' }),
      () => manage(queue).jobs.cancelAll({ state: 'ready' }),
      () => manage(queue).jobs.cancelAll({ state: 'scheduled' }),
    ]) {
      nudges = 0
      await move()
      seen.push(nudges)
    }

    expect(seen).toEqual([1, 1, 0, 1, 1, 0])
  })

  test('a job that fails gives its place back, and queues again when it is tried again', async () => {
    const { queue, advance, stateOf, whole } = await openQueue(database, { workers: { default: { concurrency: 1 } } })
    const failing = await queue.enqueue(one, { account: 'a', fails: 'once' })
    const doomed = await queue.enqueue(one, { account: 'a', fails: 'for good' })
    const last = await queue.enqueue(one, a)

    await work(queue)

    expect([await stateOf(failing.id), await stateOf(doomed.id), await stateOf(last.id)]).toEqual([
      'scheduled',
      'failed',
      'finished',
    ])
    await whole()
    const holder = await queue.enqueue(one, a)
    advance(60_000)
    await dispatch(queue)
    expect(await stateOf(failing.id)).toBe('blocked')
    await work(queue)
    expect([await stateOf(holder.id), await stateOf(failing.id)]).toEqual(['finished', 'finished'])
    await whole()
  })

  test('what an operator retries or runs now queues like a new job, and is never skipped', async () => {
    const { queue, stateOf, statesOf, whole } = await openQueue(database)
    const failed = await queue.enqueueAll(skip, [
      { account: 'a', fails: 'for good' },
      { account: 'b', fails: 'for good' },
    ])
    await work(queue)
    const holder = await queue.enqueue(skip, a)
    const scheduled = await queue.enqueueAll(one.using({ runAfter: '1h' }), [a, a])

    await manage(queue).jobs.retryAll()
    await manage(queue).jobs.runAllNow()

    expect(await statesOf(failed as { id: string }[])).toEqual(['blocked', 'ready'])
    expect(await statesOf(scheduled)).toEqual(['ready', 'blocked'])
    expect(await stateOf(holder.id)).toBe('ready')
    await whole()
  })

  test.each([
    ['discarded', (queue: Queue, id: string) => manage(queue).jobs.discard(id)],
    ['cancelled', (queue: Queue, id: string) => manage(queue).jobs.cancel(id)],
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

    await manage(queue).queues.purge('mail')
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
    await manage(queue).jobs.discardAll({ state: 'ready', ids: jobs.map(({ id }) => id) })
    await manage(queue).jobs.discardAll({ state: 'blocked', queue: 'mail' })
    await whole()
    await manage(queue).jobs.cancelAll({ state: 'ready', queue: 'mail' })
    expect(await statesOf(kept)).toEqual(['ready', 'ready', 'blocked'])
    await whole()
  })

  test('jobs of a lost invocation give their places back', async () => {
    const { queue, driver, advance, stateOf, whole } = await openQueue(database)
    const [lost, next] = await queue.enqueueAll(one, [a, a])
    await claimBy(driver, processA, { max: 1, leaseMs: 60_000 })
    advance(60_001)

    await prune(queue)

    expect([await stateOf(lost?.id), await stateOf(next?.id)]).toEqual(['scheduled', 'ready'])
    await whole()
    await dispatch(queue)
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
}

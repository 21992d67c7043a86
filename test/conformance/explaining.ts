import { expect, test } from 'vitest'
import type { Queue } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { claimBy, processA } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { careful, flaky, greet, hopeless } from '../support/tasks.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, maintain, prune, tick, work } from '../../src/ticks/index.ts'

const codesOf = async (queue: Queue, id: string) =>
  (await manage(queue).jobs.explain(id))?.reasons.map(({ code }) => code)
const messageOf = async (queue: Queue, id: string) => (await manage(queue).jobs.explain(id))?.reasons[0]?.message

export function explaining(database: OpenDatabase): void {
  test('why a job waits', async () => {
    const { queue, advance } = await openQueue(database, { workers: { mail: { queues: ['mail', 'web-*'] } } })
    await tick(queue)
    const ready = await queue.enqueue(greet, { name: 'ready' }, { queue: 'mail' })
    const unserved = await queue.enqueue(greet, { name: 'unserved' }, { queue: 'bulk' })
    const later = await queue.enqueue(greet, { name: 'later' }, { queue: 'mail', runAfter: '1h' })

    expect(await codesOf(queue, ready.id)).toEqual(['waiting'])
    expect(await codesOf(queue, unserved.id)).toEqual(['unserved'])
    expect(await messageOf(queue, unserved.id)).toMatch(/"bulk".*: mail\.$/)
    expect(await messageOf(queue, later.id)).toBe('It is scheduled for 2026-01-01T01:00:00.000Z, in 1h.')
    await manage(queue).queues.pause('mail')
    await manage(queue).queues.pause('bulk')
    expect(await codesOf(queue, ready.id)).toEqual(['paused'])
    expect(await codesOf(queue, unserved.id)).toEqual(['paused', 'unserved'])
    advance(3_600_001)
    expect(await codesOf(queue, later.id)).toEqual(['due', 'no-ticks'])
    expect(await codesOf(queue, ready.id)).toEqual(['paused', 'no-ticks'])
    expect((await manage(queue).jobs.explain(ready.id))?.job).toMatchObject({
      id: ready.id,
      state: 'ready',
      queue: 'mail',
    })
    expect(await manage(queue).jobs.explain(newId())).toBeNull()
  })

  test('that no tick has ever run', async () => {
    const { queue } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'first' })

    expect(await codesOf(queue, id)).toEqual(['waiting', 'no-ticks'])
  })

  test('which actor does not run, where each has a trigger of its own', async () => {
    const { queue, driver, advance } = await openQueue(database, {
      workers: { default: {}, mail: { queues: ['mail'] } },
    })
    await maintain(queue)
    const due = await queue.enqueue(greet, { name: 'due' }, { runAfter: '1s' })
    const mail = await queue.enqueue(careful, null, { queue: 'mail' })
    await claimBy(driver, processA, { max: 1 })
    const last = async (id: string) => (await manage(queue).jobs.explain(id))?.reasons.at(-1)?.message
    advance(60_001)

    expect(await last(due.id)).toBe('No tick has dispatched here, ever. Let cron invoke tick().')
    expect(await last(mail.id)).toBe('No tick has pruned here, ever. Let cron invoke tick().')
    await prune(queue)
    expect(await last(mail.id)).toMatch(
      /It failed at .*, after 0 of 5 attempts and 1 lost invocation: ProcessPrunedError/,
    )
    await manage(queue).jobs.retry(mail.id)
    expect(await last(mail.id)).toBe('No tick has performed here, ever. Let cron invoke tick().')
    await dispatch(queue)
    expect(await codesOf(queue, due.id)).toEqual(['waiting', 'no-ticks'])
    await manage(queue).queues.pause('default')
    await work(queue, { worker: 'mail' })
    const again = await queue.enqueue(greet, { name: 'again' }, { queue: 'mail' })
    expect(await codesOf(queue, again.id)).toEqual(['waiting'])
    expect(await codesOf(queue, due.id)).toEqual(['paused', 'no-ticks'])
    advance(3 * 3_600_000)
    expect(await last(again.id)).toBe('No tick has performed for 3h. Let cron invoke tick().')
  })

  test('who performs it, and that they were lost', async () => {
    const { queue, driver, advance } = await openQueue(database, { workers: { default: { maxInvocations: 1 } } })
    await tick(queue)
    const { id } = await queue.enqueue(greet, { name: 'claimed' })
    await claimBy(driver, processA, { max: 1 })
    const next = await queue.enqueue(greet, { name: 'next' })

    expect(await messageOf(queue, id)).toBe(
      `Invocation ${processA} (test) of worker "default" has performed it since 2026-01-01T00:00:00.000Z, under a lease until 2026-01-01T00:01:00.000Z.`,
    )
    expect(await messageOf(queue, next.id)).toMatch(/maxInvocations allows are at work: default \(1\)/)
    await manage(queue).jobs.cancel(id)
    expect(await codesOf(queue, id)).toEqual(['claimed', 'cancel-requested'])
    advance(60_001)
    expect(await codesOf(queue, id)).toEqual(['lost', 'cancel-requested'])
    expect(await codesOf(queue, next.id)).toEqual(['waiting'])
    await rowsOf(driver, `delete from ${table(driver, 'processes')}`)
    expect(await messageOf(queue, id)).toBe(`Invocation ${processA} no longer exists: the next tick prunes it.`)
  })

  test('how it ended, and what it waits for after a failure', async () => {
    const { queue } = await openQueue(database)
    const finished = await queue.enqueue(greet, { name: 'finished' })
    const failed = await queue.enqueue(hopeless)
    const again = await queue.enqueue(flaky, null)
    const cancelled = await queue.enqueue(greet, { name: 'cancelled' }, { priority: -9 })
    await manage(queue).jobs.cancel(cancelled.id)
    await tick(queue)

    expect(await messageOf(queue, finished.id)).toBe('It succeeded at 2026-01-01T00:00:00.000Z.')
    expect(await messageOf(queue, cancelled.id)).toMatch(/^It was cancelled at/)
    expect(await messageOf(queue, failed.id)).toMatch(/after 1 of 5 attempts: FinalError: never\. Retry it/)
    expect(await messageOf(queue, again.id)).toMatch(/in 1m, after 1 of 2 attempts: Error: not yet\.$/)
  })
}

import { expect, test } from 'vitest'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { greet, hopeless } from '../support/tasks.ts'
import { manage } from '../../src/manage/index.ts'
import { maintain, tick, work } from '../../src/ticks/index.ts'

const dayMs = 86_400_000

export function maintaining(database: OpenDatabase): void {
  test('finished jobs are cleared after their retention, not before', async () => {
    const { queue, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'old' })
    await tick(queue)

    advance(dayMs - 1)
    const early = await maintain(queue)
    advance(2)
    const report = await maintain(queue)

    expect([early.cleared, report.cleared]).toEqual([0, 1])
    expect(await queue.find(id)).toBeNull()
  })

  test('failed jobs are kept, unless they too have a retention', async () => {
    const kept = await openQueue(database)
    const cleared = await openQueue(database, { clearFailedJobsAfter: '2d' })

    for (const { queue, advance } of [kept, cleared]) {
      await queue.enqueue(hopeless)
      await tick(queue)
      advance(2 * dayMs + 1)
    }

    expect((await maintain(kept.queue)).cleared).toBe(0)
    expect((await maintain(cleared.queue)).cleared).toBe(1)
  })

  test('jobs that are not preserved stay a minute, so that an enqueue sent again finds them', async () => {
    const { queue, advance } = await openQueue(database, { preserveFinishedJobs: false })
    const { id } = await queue.enqueue(greet, { name: 'short' })
    await tick(queue)

    advance(59_000)
    const early = await queue.find(id)
    advance(2000)
    await maintain(queue)

    expect(early?.state).toBe('finished')
    expect(await queue.find(id)).toBeNull()
  })

  test('what ended longer ago than it is told is counted, and cleared in batches', async () => {
    const { queue, advance } = await openQueue(database)
    const [first] = await queue.enqueueAll(
      greet,
      Array.from({ length: 5 }, (_, index) => ({ name: `${index}` })),
    )
    const failed = await queue.enqueue(hopeless)
    await tick(queue)
    advance(60_000)
    const late = await queue.enqueue(greet, { name: 'late' })
    await work(queue)
    const finished = { state: 'finished', olderThan: '1m' } as const

    const counted = await manage(queue).jobs.clear(finished, { dryRun: true })
    const bounded = await manage(queue).jobs.clear(finished, { limit: 3, dryRun: true })
    const some = await manage(queue).jobs.clear(finished, { limit: 3 })
    const rest = await manage(queue).jobs.clear(finished, { limit: 3 })

    expect([counted, bounded, some, rest]).toEqual([
      { count: 5, more: false },
      { count: 3, more: true },
      { count: 3, more: true },
      { count: 2, more: false },
    ])
    expect(await queue.find(first?.id as string)).toBeNull()
    expect(await queue.find(late.id)).not.toBeNull()
    expect(await manage(queue).jobs.clear({ state: 'failed', olderThan: 60_001 })).toEqual({ count: 0, more: false })
    expect(await manage(queue).jobs.clear({ state: 'failed', olderThan: '1m' })).toEqual({ count: 1, more: false })
    expect(await queue.find(failed.id)).toBeNull()
    await expect(manage(queue).jobs.clear({ state: 'ready' as never, olderThan: 0 })).rejects.toThrow(
      /use finished or failed/,
    )
    await expect(manage(queue).jobs.clear({ state: 'failed', olderThan: '1 day' as never })).rejects.toThrow(
      /olderThan/,
    )
  })

  test('more than a batch is cleared in one pass', async () => {
    const { queue, advance } = await openQueue(database, { workers: { default: { concurrency: 400 } } })
    await queue.enqueueAll(
      greet,
      Array.from({ length: 1100 }, () => ({ name: 'many' })),
    )
    await tick(queue)
    advance(dayMs + 1)

    const report = await maintain(queue)

    expect(report).toMatchObject({ cleared: 1100, more: false })
  })

  test('a tick maintains at most each maintenanceInterval', async () => {
    const { queue, advance } = await openQueue(database, { maintenanceInterval: '10m' })

    const trips: number[] = []
    for (const ms of [0, 599_000, 1000]) {
      advance(ms)
      trips.push((await tick(queue)).roundTrips)
    }

    expect(trips[1]).toBe(1)
    expect(trips[0]).toBe(trips[2])
  })
}

import { expect, test } from 'vitest'
import { task } from '../../../src/index.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { Gate, greet } from '../../support/tasks.ts'
import { hourly, hourMs, minuteMs, open, report } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { maintain, schedule, tick } from '../../../src/ticks/index.ts'

/** What an occurrence is enqueued as, and when. */
export function occurrences(database: OpenDatabase): void {
  test('an occurrence is enqueued when it is due, and its job is performed by the same tick', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({
      daily: { task: greet, payload: { name: 'Ada' }, schedule: '0 10 * * *', description: 'hi' },
    })
    const first = await tick(queue)
    const [before] = (await manage(queue).recurring.list()).items
    wait(10 * hourMs - 1)
    const early = await tick(queue)
    wait(1)
    const due = await tick(queue)
    const [after] = (await manage(queue).recurring.list()).items
    const [occurrence, ...more] = await manage(queue).recurring.occurrences('daily')

    expect([first.enqueued, early.enqueued, due.enqueued, due.succeeded]).toEqual([0, 0, 1, 1])
    expect(before).toEqual({
      key: 'daily',
      task: 'greet',
      payload: { name: 'Ada' },
      schedule: '0 10 * * *',
      timeZone: 'UTC',
      queue: null,
      priority: null,
      catchUp: 'latest',
      description: 'hi',
      static: true,
      enabled: true,
      removedAt: null,
      lastRunAt: null,
      nextRunAt: new Date('2026-01-01T10:00Z'),
      asDefined: true,
    })
    expect(after).toMatchObject({
      lastRunAt: new Date('2026-01-01T10:00Z'),
      nextRunAt: new Date('2026-01-02T10:00Z'),
    })
    expect(more).toEqual([])
    expect(occurrence?.runAt).toEqual(new Date('2026-01-01T10:00Z'))
    const ofDaily = await manage(queue).jobs.list({ state: 'finished', recurring: 'daily' })
    expect(ofDaily.items.map(({ id }) => id)).toEqual([occurrence?.jobId])
    expect((await manage(queue).jobs.list({ state: 'finished', recurring: 'weekly' })).items).toEqual([])
    expect(await queue.find(String(occurrence?.jobId))).toMatchObject({
      recurring: { key: 'daily', runAt: new Date('2026-01-01T10:00Z') },
      task: 'greet',
      outcome: 'succeeded',
      scheduledAt: new Date('2026-01-01T10:00Z'),
    })
  })

  test('a tick says when the next occurrence comes, and one between two occurrences is one round trip', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly })

    const first = await tick(queue)
    wait(minuteMs)
    const idle = await tick(queue)

    const inMs = ({ nextDueAt }: { nextDueAt: Date | null }) => Number(nextDueAt?.getTime()) - Date.now()
    expect([inMs(first) > 59 * minuteMs, inMs(first) <= hourMs]).toEqual([true, true])
    expect([inMs(idle) > 58 * minuteMs, inMs(idle) <= 59 * minuteMs]).toEqual([true, true])
    expect(idle.roundTrips).toBe(1)
  })

  test('queue and priority are those of the task, unless they are given: 0 is a priority', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({
      inherits: hourly,
      given: { ...hourly, queue: 'special', priority: 0 },
      used: { ...hourly, task: report.using({ queue: 'used', priority: -7 }) },
      nulled: { ...hourly, queue: null, priority: null },
    })
    await schedule(queue)
    wait(hourMs)
    await schedule(queue)

    const { items: jobs } = await manage(queue).jobs.list({ state: 'ready' })

    expect(jobs.map(({ queue: queueName, priority }) => [queueName, priority]).toSorted()).toEqual(
      [
        ['reports', 5],
        ['reports', 5],
        ['special', 0],
        ['used', -7],
      ].toSorted(),
    )
  })

  test('what plain JSON cannot say of a payload comes to the handler', async () => {
    const got: unknown[] = []
    const keeps = task('keeps', { run: (payload: { at: Date; ids: Set<number> }) => void got.push(payload) })
    const payload = { at: new Date(0), ids: new Set([1]) }
    const { deploy, wait } = await open(database)
    const queue = deploy({ keeps: { task: keeps, payload, schedule: '@hourly' } }, { tasks: [keeps] })
    await tick(queue)
    wait(hourMs)
    await tick(queue)
    await manage(queue).recurring.runNow('keeps')
    await tick(queue)

    expect(got).toEqual([payload, payload])
  })

  test('sixty tasks that are due are enqueued in two batches', async () => {
    const { deploy, wait } = await open(database)
    const keys = Array.from({ length: 60 }, (_, index) => `task-${index}`)
    const queue = deploy(Object.fromEntries(keys.map((key) => [key, hourly])))
    await schedule(queue)
    wait(hourMs - minuteMs)
    await schedule(queue)
    wait(minuteMs)

    expect(await schedule(queue)).toMatchObject({ enqueued: 60, roundTrips: 4 })
  })

  test('an occurrence whose key is full is recorded as skipped, and does not come again', async () => {
    const gate = new Gate()
    const held = task('held', { concurrency: { key: 'one', onConflict: 'skip' }, run: () => {} })
    const { deploy, wait } = await open(database)
    const queue = deploy({ held: { task: held, schedule: '@hourly' } }, { tasks: [held, gate.task] })
    await tick(queue)
    await queue.enqueue(held)
    await manage(queue).queues.pause('default')
    wait(hourMs)
    const ticked = await tick(queue)
    const again = await tick(queue)

    const [occurrence] = await manage(queue).recurring.occurrences('held')
    expect(ticked).toMatchObject({ enqueued: 1, skipped: 1 })
    expect(again).toMatchObject({ enqueued: 0, skipped: 0 })
    expect(await queue.find(String(occurrence?.jobId))).toMatchObject({ state: 'finished', outcome: 'skipped' })
    expect((await manage(queue).recurring.list()).items[0]?.lastRunAt).toEqual(new Date('2026-01-01T01:00Z'))
  })

  test('an occurrence whose key is full waits for it', async () => {
    const held = task('held', { concurrency: { key: ({ id }: { id: string }) => id }, run: () => {} })
    const { deploy, wait } = await open(database)
    const queue = deploy({ held: { task: held, payload: { id: 'one' }, schedule: '@hourly' } }, { tasks: [held] })
    await tick(queue)
    await queue.enqueue(held, { id: 'one' })
    await manage(queue).queues.pause('default')
    wait(hourMs)
    await tick(queue)
    const [occurrence] = await manage(queue).recurring.occurrences('held')
    const waiting = await queue.find(String(occurrence?.jobId))
    await manage(queue).queues.resume('default')
    const { succeeded } = await tick(queue)

    expect(waiting).toMatchObject({ state: 'blocked', concurrencyKey: 'held/one' })
    expect(succeeded).toBe(2)
  })

  test('occurrences are forgotten a week after they came, of tasks that are gone, too', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly })
    await manage(queue).recurring.create('gone', { task: report, schedule: '@hourly' })
    await schedule(queue)
    wait(hourMs)
    await schedule(queue)
    await manage(queue).recurring.delete('gone')
    wait(7 * 24 * hourMs - 1)
    await maintain(queue)
    const kept = [
      await manage(queue).recurring.occurrences('hourly'),
      await manage(queue).recurring.occurrences('gone'),
    ].map(({ length }) => length)
    wait(1)
    await maintain(queue)
    const left = [
      await manage(queue).recurring.occurrences('hourly'),
      await manage(queue).recurring.occurrences('gone'),
    ].map(({ length }) => length)

    expect(kept).toEqual([1, 1])
    expect(left).toEqual([0, 0])
  })
}

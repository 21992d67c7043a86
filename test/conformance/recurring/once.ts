import { expect, test } from 'vitest'
import { DatabaseError, type Queue } from '../../../src/index.ts'
import { newId } from '../../../src/job/job-id.ts'
import { advance, recordOccurrences } from '../../../src/transitions/occur.ts'
import { runner } from '../../../src/transitions/run.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { interrupted, losingAnswers } from '../../support/flaky-driver.ts'
import { rowsOf, table } from '../../support/tables.ts'
import { hourly, hourMs, minuteMs, open, readyOf, report, statesOf } from './open.ts'
import { combine } from '../../../src/transitions/transition.ts'
import { manage } from '../../../src/manage/index.ts'
import { schedule, tick } from '../../../src/ticks/index.ts'

/** An occurrence is enqueued once, however ticks overlap and whatever answers are lost. */
export function once(database: OpenDatabase): void {
  test('however many ticks come at once, late or again, an occurrence is enqueued once', async () => {
    const { deploy, wait } = await open(database)
    const queues = Array.from({ length: 10 }, () => deploy({ hourly, half: { ...hourly, schedule: '*/30 * * * *' } }))
    await Promise.all(queues.map((queue) => schedule(queue)))
    wait(hourMs)
    const reports = await Promise.all(queues.map((queue) => schedule(queue)))
    const again = await schedule(queues[0] as Queue)

    expect(reports.reduce((sum, { enqueued }) => sum + enqueued, 0)).toBe(2)
    expect(again.enqueued).toBe(0)
    expect(await readyOf(queues[0] as Queue)).toEqual(['report@2026-01-01T01:00', 'report@2026-01-01T01:00'])
  })

  test('an occurrence is not enqueued again when its job was cleared, nor by a tick that was slow', async () => {
    const { driver, deploy, wait } = await open(database)
    const queue = deploy({ hourly })
    await tick(queue)
    const [{ nextRunAt: from } = { nextRunAt: null }] = (await manage(queue).recurring.list()).items
    wait(hourMs)
    await tick(queue)
    await manage(queue).jobs.clear({ state: 'finished', olderThan: 0 })

    // A tick that had read the same occurrence, and comes only now.
    const job = { id: newId() } as never
    const slow = [{ key: 'hourly', from: from as Date, to: new Date(), occurrences: [{ runAt: from as Date, job }] }]
    const recorded = await runner(driver).run(recordOccurrences(driver.dialect, slow))
    // Somebody's hand.
    await rowsOf(
      driver,
      `update ${table(driver, 'recurring_tasks')} set next_run_at = (select run_at from ${table(driver, 'recurring_executions')})`,
    )
    const again = await schedule(queue)

    expect(recorded.size).toBe(0)
    expect(again.enqueued).toBe(0)
    expect((await manage(queue).recurring.occurrences('hourly')).length).toBe(1)
    expect((await manage(queue).recurring.list()).items[0]?.nextRunAt).toEqual(new Date('2026-01-01T02:00Z'))
  })

  test('a tick that was slow does nothing about a task that was disabled, edited or deleted meanwhile', async () => {
    const { driver, deploy } = await open(database)
    const queue = deploy({})
    const from = new Date('2026-01-01T01:00Z')
    for (const key of ['disabled', 'edited', 'deleted', 'same'])
      await manage(queue).recurring.create(key, { task: report, schedule: '0 * * * *' })
    const ids = [newId(), newId(), newId(), newId()]
    const slow = ['disabled', 'edited', 'deleted', 'same'].map((key, index) => ({
      key,
      from,
      to: new Date('2026-01-01T02:00Z'),
      occurrences: [{ runAt: from, job: { id: ids[index] } as never }],
    }))
    await manage(queue).recurring.disable('disabled')
    await manage(queue).recurring.edit('edited', { schedule: '30 * * * *' })
    await manage(queue).recurring.delete('deleted')

    const { recorded } = await runner(driver).run(
      combine({ recorded: recordOccurrences(driver.dialect, slow), advanced: advance(driver.dialect, slow) }),
    )

    expect([...recorded]).toEqual([ids[3]])
    expect(await statesOf(queue)).toEqual({
      disabled: 'disabled',
      edited: '2026-01-01T00:30',
      same: '2026-01-01T02:00',
    })
  })

  test('a batch whose answer was lost is sent again, and its occurrences are enqueued once', async () => {
    const { driver, deploy, wait } = await open(database)
    await schedule(deploy({ hourly }))
    wait(hourMs)
    // Look, and read, come before it.
    const queue = deploy({ hourly }, { driver: losingAnswers(driver, { times: 1, after: 2 }) })

    const { enqueued, retriedBatches } = await schedule(queue)

    expect([enqueued, retriedBatches]).toEqual([1, 1])
    expect(await readyOf(queue)).toEqual(['report@2026-01-01T01:00'])
  })

  test('an occurrence whose job was discarded behind a lost answer is not enqueued again', async () => {
    const { driver, deploy, wait } = await open(database)
    await schedule(deploy({ hourly }))
    wait(hourMs)
    const operator = deploy({ hourly })
    const discardAndLose = async () => {
      await manage(operator).jobs.discardAll({ state: 'ready' })
      throw new DatabaseError('unknown', new Error('the answer was lost'))
    }
    const losing = interrupted(driver, discardAndLose, { batch: 3 })

    const { enqueued, retriedBatches } = await schedule(deploy({ hourly }, { driver: losing }))

    expect([enqueued, retriedBatches]).toEqual([0, 1])
    expect(await readyOf(operator)).toEqual([])
  })

  test('a tick that finds that somebody else was there says when the next occurrence comes', async () => {
    const { driver, deploy, wait } = await open(database)
    const other = deploy({ hourly })
    await tick(other)
    wait(hourMs - minuteMs)
    await tick(other)
    wait(minuteMs)
    const slow = interrupted(driver, () => tick(other))

    const { enqueued, nextDueAt } = await tick(deploy({ hourly }, { driver: slow }))

    expect(enqueued).toBe(0)
    expect(Number(nextDueAt?.getTime())).toBeGreaterThan(Date.now() + 59 * minuteMs)
  })
}

import { expect, test } from 'vitest'
import { type Queue } from '../../../src/index.ts'
import { deploymentOf } from '../../../src/recurring/deployment.ts'
import type { NewRecurringTask } from '../../../src/recurring/recurring-task.ts'
import { runner } from '../../../src/transitions/run.ts'
import { synchronize } from '../../../src/transitions/synchronize.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { silent } from '../../support/open-queue.ts'
import { greet } from '../../support/tasks.ts'
import { hourly, hourMs, minuteMs, open, readyOf, report, statesOf } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { schedule, tick } from '../../../src/ticks/index.ts'

/** Deployments that differ about what a recurring task is. */
export function deployments(database: OpenDatabase): void {
  test('of two deployments, the one that came later says what a recurring task is, however they take turns', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly, two: hourly })
    await schedule(old)
    wait(minuteMs)
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' }, two: hourly })
    await schedule(young)
    const seen: unknown[] = []
    for (let turn = 0; turn < 12; turn += 1) {
      wait(6 * minuteMs)
      await schedule(turn % 2 === 0 ? old : young)
      seen.push((await manage(young).recurring.list()).items.map((each) => each.schedule))
    }

    expect(seen).toEqual(Array.from({ length: 12 }, () => ['30 * * * *', '0 * * * *']))
  })

  test('a deployment that comes while something is due leaves it due', async () => {
    const { driver, deploy, wait } = await open(database)
    await schedule(deploy({ one: hourly }))
    wait(hourMs)
    const written: NewRecurringTask = {
      key: 'one',
      task: 'report',
      schedule: '0 * * * *',
      timeZone: 'UTC',
      payload: 'null',
      payloadMeta: null,
      queue: null,
      priority: 1,
      catchUp: 'latest',
      description: null,
    }
    const planned = [{ task: written, next: new Date('2026-01-01T02:00Z') }]
    await runner(driver).run(synchronize(driver.dialect, deploymentOf([written], ['report']), planned))

    expect((await manage(deploy({})).recurring.list()).items[0]).toMatchObject({
      priority: 1,
      nextRunAt: new Date('2026-01-01T01:00Z'),
    })
  })

  test('a deployment that is alone again has its way after 20 minutes; one that comes back after so long, at once', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly })
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' } })
    const seen: unknown[] = []
    const tickOf = async (queue: Queue, minutes: number) => {
      wait(minutes * minuteMs)
      await schedule(queue)
      const [one] = (await manage(old).recurring.list()).items
      seen.push([one?.schedule, one?.asDefined])
    }
    await tickOf(old, 0)
    await tickOf(young, 5)
    await tickOf(old, 5)
    await tickOf(old, 5)
    await tickOf(old, 9)
    await tickOf(old, 6)
    await tickOf(young, 30)
    await tickOf(young, 5)
    await tickOf(old, 5)

    expect(seen).toEqual([
      ['0 * * * *', true],
      ['30 * * * *', false],
      ['30 * * * *', false],
      ['30 * * * *', false],
      ['30 * * * *', false],
      ['0 * * * *', true],
      ['30 * * * *', false],
      ['30 * * * *', false],
      ['0 * * * *', true],
    ])
  })

  test('a step back holds at once where it is applied', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly })
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' } })
    await schedule(old)
    wait(minuteMs)
    await schedule(young)
    const seen: unknown[] = []
    // The clock stands still, or goes back: whoever applies last has its way.
    for (const [queue, ms] of [
      [old, minuteMs],
      [young, 0],
      [old, 0],
      [young, -1000],
      [old, -1000],
    ] as const) {
      wait(ms)
      await manage(queue).recurring.apply()
      seen.push((await manage(old).recurring.list()).items[0]?.asDefined)
    }
    wait(6 * minuteMs)
    await schedule(young)

    expect(seen).toEqual([true, false, true, false, true])
    expect((await manage(old).recurring.list()).items[0]?.schedule).toBe('0 * * * *')
  })

  test('what is due is enqueued before a definition is applied; what it cannot write is said', async () => {
    const { deploy, wait } = await open(database)
    await schedule(deploy({ one: hourly }))
    wait(hourMs)
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' }, mine: hourly })
    await manage(young).recurring.create('mine', { task: report, schedule: '@daily' })
    const taken = await manage(young).recurring.apply()

    expect(taken).toEqual(['mine'])
    expect(await readyOf(young)).toEqual(['report@2026-01-01T01:00'])
    expect((await manage(young).recurring.list()).items.map(({ key, asDefined }) => [key, asDefined])).toEqual([
      ['mine', null],
      ['one', true],
    ])
  })

  test('a task that was disabled stays so, whatever is deployed', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly })
    await schedule(old)
    await manage(old).recurring.disable('one')
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' } })
    await schedule(young)
    wait(2 * hourMs)
    const { enqueued } = await schedule(young)
    const disabled = await statesOf(young)
    await manage(young).recurring.enable('one')

    expect(enqueued).toBe(0)
    expect(disabled).toEqual({ one: 'disabled' })
    expect(await statesOf(young)).toEqual({ one: '2026-01-01T02:30' })
  })

  test('a definition does not take the key of a task that was created at run time, and says so', async () => {
    const warnings: object[] = []
    const { deploy, wait } = await open(database)
    await manage(deploy({})).recurring.create('mine', { task: report, schedule: '0 * * * *' })
    const queue = deploy(
      { mine: { ...hourly, schedule: '30 * * * *' } },
      { logger: { ...silent, warn: (fields) => void warnings.push(fields) } },
    )
    await schedule(queue)
    wait(hourMs)
    const { enqueued } = await schedule(queue)

    expect((await manage(queue).recurring.list()).items[0]).toMatchObject({ static: false, schedule: '0 * * * *' })
    expect(enqueued).toBe(1)
    expect(warnings[0]).toEqual({ key: 'mine' })
  })

  test('a task that a deployment does not know, or no longer lists, is left to those that do', async () => {
    const { deploy, wait } = await open(database)
    const both = deploy({ greet: { task: greet, payload: { name: 'Ada' }, schedule: '@hourly' }, report: hourly })
    await schedule(both)
    await manage(both).recurring.create('dynamic', { task: greet, payload: { name: 'Bob' }, schedule: '@hourly' })
    const knowsLess = deploy({ report: hourly }, { tasks: [report] })
    const listsLess = deploy({ report: hourly })
    wait(hourMs)
    const ofLess = await tick(knowsLess)
    const ofOther = await tick(listsLess)
    const ofBoth = await tick(both)

    expect([ofLess.enqueued, ofOther.enqueued, ofBoth.enqueued]).toEqual([1, 1, 1])
    expect([ofLess.more, ofOther.more]).toEqual([false, false])
  })
}

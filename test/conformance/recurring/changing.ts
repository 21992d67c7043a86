import { expect, test } from 'vitest'
import type { Driver } from '../../../src/dialects/driver.ts'
import { DatabaseError, defineQueue, model, task } from '../../../src/index.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { interrupted, losingAnswers } from '../../support/flaky-driver.ts'
import { silent } from '../../support/open-queue.ts'
import { greet } from '../../support/tasks.ts'
import { Account, hourly, hourMs, open, report, statesOf } from './open.ts'
import { manage, StaticRecurringTaskError } from '../../../src/manage/index.ts'
import { schedule } from '../../../src/ticks/index.ts'

/** Changes at run time. */
export function changing(database: OpenDatabase): void {
  test('recurring tasks are created, edited, disabled, enabled, run now and deleted at run time', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({})
    await manage(queue).recurring.create('greet', { task: greet, payload: { name: 'Ada' }, schedule: '0 * * * *' })
    const created = await statesOf(queue)
    const now = await manage(queue).recurring.runNow('greet')
    const edited = await manage(queue).recurring.edit('greet', {
      schedule: '30 * * * *',
      payload: { name: 'Bob' },
      priority: 0,
    })
    const disabled = [await manage(queue).recurring.disable('greet'), await manage(queue).recurring.disable('greet')]
    const none = await statesOf(queue)
    wait(3 * hourMs)
    const meanwhile = await schedule(queue)
    const enabled = [await manage(queue).recurring.enable('greet'), await manage(queue).recurring.enable('greet')]
    const again = await statesOf(queue)
    wait(hourMs)
    const due = await schedule(queue)
    const payloads = (await manage(queue).jobs.list({ state: 'ready' })).items.map(({ payload, priority }) => [
      payload,
      priority,
    ])
    const deleted = [await manage(queue).recurring.delete('greet'), await manage(queue).recurring.delete('greet')]
    wait(hourMs)
    const gone = await schedule(queue)

    expect(created).toEqual({ greet: '2026-01-01T01:00' })
    expect(now).toMatchObject({ state: 'ready' })
    expect(edited).toBe(true)
    expect(disabled).toEqual([true, false])
    expect(none).toEqual({ greet: 'disabled' })
    expect(meanwhile.enqueued).toBe(0)
    expect(enabled).toEqual([true, false])
    expect(again).toEqual({ greet: '2026-01-01T03:30' })
    expect(due.enqueued).toBe(1)
    expect(payloads).toEqual([
      [{ name: 'Ada' }, 0],
      [{ name: 'Bob' }, 0],
    ])
    expect(deleted).toEqual([true, false])
    expect(gone.enqueued).toBe(0)
    expect((await manage(queue).recurring.occurrences('greet')).map(({ runAt }) => runAt)).toEqual([
      new Date('2026-01-01T03:30Z'),
    ])
  })

  test('an edit that leaves the schedule alone leaves what is due', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({})
    await manage(queue).recurring.create('report', { task: report, schedule: '0 * * * *' })
    wait(hourMs)
    await manage(queue).recurring.edit('report', { description: 'hourly' })
    const kept = await schedule(queue)
    wait(hourMs)
    await manage(queue).recurring.edit('report', { schedule: '30 * * * *' })
    const changed = await schedule(queue)

    expect([kept.enqueued, changed.enqueued]).toEqual([1, 0])
    expect(await statesOf(queue)).toEqual({ report: '2026-01-01T02:30' })
    expect((await manage(queue).recurring.list()).items[0]?.description).toBe('hourly')
  })

  test('edits at once both hold, and enabling goes by what is there', async () => {
    const { driver, deploy } = await open(database)
    const queue = deploy({})
    await manage(queue).recurring.create('one', { task: report, schedule: '0 3 * * *' })
    await Promise.all([
      manage(queue).recurring.edit('one', { timeZone: 'Asia/Kolkata' }),
      manage(queue).recurring.edit('one', { description: 'both' }),
      manage(queue).recurring.edit('one', { priority: 7 }),
    ])
    const [edited] = (await manage(queue).recurring.list()).items
    await manage(queue).recurring.disable('one')
    const slow = interrupted(driver, () => manage(queue).recurring.edit('one', { schedule: '0 9 * * *' }))
    await manage(deploy({}, { driver: slow })).recurring.enable('one')
    const [enabled] = (await manage(queue).recurring.list()).items

    expect(edited).toMatchObject({ timeZone: 'Asia/Kolkata', description: 'both', priority: 7 })
    // 09:00 of Kolkata.
    expect(enabled).toMatchObject({ schedule: '0 9 * * *', nextRunAt: new Date('2026-01-01T03:30Z') })
  })

  test('a change whose answer was lost is made once more, and holds beside those of others', async () => {
    const { driver, deploy } = await open(database)
    const queue = deploy({ fixed: hourly })
    await schedule(queue)
    await manage(queue).recurring.create('one', { task: report, schedule: '0 3 * * *' })
    let batches = 0
    const lost: Driver = {
      ...driver,
      async batch(statements) {
        batches += 1
        if (batches !== 2) return driver.batch(statements)
        await manage(queue).recurring.edit('one', { description: 'of another' })
        throw new DatabaseError('unknown', new Error('it never came'))
      },
    }
    const edited = await manage(deploy({}, { driver: lost })).recurring.edit('one', { priority: 7 })
    const losing = (after: number) => deploy({}, { driver: losingAnswers(driver, { times: 1, after }) })

    expect(edited).toBe(true)
    expect(await manage(queue).recurring.find('one')).toMatchObject({ priority: 7, description: 'of another' })
    expect(await manage(losing(0)).recurring.disable('one')).toBe(true)
    expect(await manage(losing(1)).recurring.enable('one')).toBe(true)
    await expect(manage(losing(0)).recurring.delete('fixed')).rejects.toThrow(StaticRecurringTaskError)
    expect(await manage(losing(0)).recurring.delete('one')).toBe(true)
  })

  test('a task whose payload refers to a model that is gone can be edited', async () => {
    const account = model('account', { class: Account, id: ({ id }) => id, load: (): Account | null => null })
    const pays = task('pays', { run: (_: Account | null) => {} })
    const { driver } = await open(database)
    const queue = defineQueue({
      tasks: [pays],
      models: [account],
      connect: () => ({ driver }),
      logger: silent,
    }).open()
    await manage(queue).recurring.create('pays', { task: pays, payload: new Account(1), schedule: '@daily' })
    await manage(queue).recurring.edit('pays', { description: 'monthly' })
    const [described] = (await manage(queue).recurring.list()).items
    await manage(queue).recurring.edit('pays', { payload: null })
    const [emptied] = (await manage(queue).recurring.list()).items

    expect(described).toMatchObject({ description: 'monthly', payload: { model: 'account', id: 1 } })
    expect(emptied).toMatchObject({ description: 'monthly', payload: null })
  })

  test('recurring tasks are listed page by page', async () => {
    const { deploy } = await open(database)
    const queue = deploy({})
    for (const key of ['c', 'a', 'b']) await manage(queue).recurring.create(key, { task: report, schedule: '@daily' })

    const pages = [
      (await manage(queue).recurring.list({ limit: 2 })).items,
      (await manage(queue).recurring.list({ limit: 2, after: 'b' })).items,
    ]

    expect(pages.map((page) => page.map(({ key }) => key))).toEqual([['a', 'b'], ['c']])
    expect(await manage(queue).recurring.find('b')).toMatchObject({ key: 'b', static: false, asDefined: null })
    expect(await manage(queue).recurring.find('none')).toBeNull()
    await expect(manage(queue).recurring.list({ limit: 0 })).rejects.toThrow(
      'limit: 0; use a whole number from 1 to 1000',
    )
  })
}

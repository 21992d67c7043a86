import { expect, test } from 'vitest'
import type { Driver } from '../../../src/dialects/driver.ts'
import { DatabaseError, defineQueue, model, StaticRecurringTaskError, task } from '../../../src/index.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { interrupted, losingAnswers } from '../../support/flaky-driver.ts'
import { silent } from '../../support/open-queue.ts'
import { greet } from '../../support/tasks.ts'
import { Account, hourly, hourMs, open, report, statesOf } from './open.ts'

/** Changes at run time. */
export function changing(database: OpenDatabase): void {
  test('recurring tasks are created, edited, disabled, enabled, run now and deleted at run time', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({})
    await queue.createRecurring('greet', { task: greet, payload: { name: 'Ada' }, schedule: '0 * * * *' })
    const created = await statesOf(queue)
    const now = await queue.runRecurringNow('greet')
    const edited = await queue.editRecurring('greet', { schedule: '30 * * * *', payload: { name: 'Bob' }, priority: 0 })
    const disabled = [await queue.disableRecurring('greet'), await queue.disableRecurring('greet')]
    const none = await statesOf(queue)
    wait(3 * hourMs)
    const meanwhile = await queue.schedule()
    const enabled = [await queue.enableRecurring('greet'), await queue.enableRecurring('greet')]
    const again = await statesOf(queue)
    wait(hourMs)
    const due = await queue.schedule()
    const payloads = (await queue.list({ state: 'ready' })).jobs.map(({ payload, priority }) => [payload, priority])
    const deleted = [await queue.deleteRecurring('greet'), await queue.deleteRecurring('greet')]
    wait(hourMs)
    const gone = await queue.schedule()

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
    expect((await queue.occurrences('greet')).map(({ runAt }) => runAt)).toEqual([new Date('2026-01-01T03:30Z')])
  })

  test('an edit that leaves the schedule alone leaves what is due', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({})
    await queue.createRecurring('report', { task: report, schedule: '0 * * * *' })
    wait(hourMs)
    await queue.editRecurring('report', { description: 'hourly' })
    const kept = await queue.schedule()
    wait(hourMs)
    await queue.editRecurring('report', { schedule: '30 * * * *' })
    const changed = await queue.schedule()

    expect([kept.enqueued, changed.enqueued]).toEqual([1, 0])
    expect(await statesOf(queue)).toEqual({ report: '2026-01-01T02:30' })
    expect((await queue.recurring())[0]?.description).toBe('hourly')
  })

  test('edits at once both hold, and enabling goes by what is there', async () => {
    const { driver, deploy } = await open(database)
    const queue = deploy({})
    await queue.createRecurring('one', { task: report, schedule: '0 3 * * *' })
    await Promise.all([
      queue.editRecurring('one', { timeZone: 'Asia/Kolkata' }),
      queue.editRecurring('one', { description: 'both' }),
      queue.editRecurring('one', { priority: 7 }),
    ])
    const [edited] = await queue.recurring()
    await queue.disableRecurring('one')
    const slow = interrupted(driver, () => queue.editRecurring('one', { schedule: '0 9 * * *' }))
    await deploy({}, { driver: slow }).enableRecurring('one')
    const [enabled] = await queue.recurring()

    expect(edited).toMatchObject({ timeZone: 'Asia/Kolkata', description: 'both', priority: 7 })
    // 09:00 of Kolkata.
    expect(enabled).toMatchObject({ schedule: '0 9 * * *', nextRunAt: new Date('2026-01-01T03:30Z') })
  })

  test('a change whose answer was lost is made once more, and holds beside those of others', async () => {
    const { driver, deploy } = await open(database)
    const queue = deploy({ fixed: hourly })
    await queue.schedule()
    await queue.createRecurring('one', { task: report, schedule: '0 3 * * *' })
    let batches = 0
    const lost: Driver = {
      ...driver,
      async batch(statements) {
        batches += 1
        if (batches !== 2) return driver.batch(statements)
        await queue.editRecurring('one', { description: 'of another' })
        throw new DatabaseError('unknown', new Error('it never came'))
      },
    }
    const edited = await deploy({}, { driver: lost }).editRecurring('one', { priority: 7 })
    const losing = (after: number) => deploy({}, { driver: losingAnswers(driver, { times: 1, after }) })

    expect(edited).toBe(true)
    expect(await queue.findRecurring('one')).toMatchObject({ priority: 7, description: 'of another' })
    expect(await losing(0).disableRecurring('one')).toBe(true)
    expect(await losing(1).enableRecurring('one')).toBe(true)
    await expect(losing(0).deleteRecurring('fixed')).rejects.toThrow(StaticRecurringTaskError)
    expect(await losing(0).deleteRecurring('one')).toBe(true)
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
    }).attach({ driver })
    await queue.createRecurring('pays', { task: pays, payload: new Account(1), schedule: '@daily' })
    await queue.editRecurring('pays', { description: 'monthly' })
    const [described] = await queue.recurring()
    await queue.editRecurring('pays', { payload: null })
    const [emptied] = await queue.recurring()

    expect(described).toMatchObject({ description: 'monthly', payload: { model: 'account', id: 1 } })
    expect(emptied).toMatchObject({ description: 'monthly', payload: null })
  })

  test('recurring tasks are listed page by page', async () => {
    const { deploy } = await open(database)
    const queue = deploy({})
    for (const key of ['c', 'a', 'b']) await queue.createRecurring(key, { task: report, schedule: '@daily' })

    const pages = [await queue.recurring({ max: 2 }), await queue.recurring({ max: 2, after: 'b' })]

    expect(pages.map((page) => page.map(({ key }) => key))).toEqual([['a', 'b'], ['c']])
    expect(await queue.findRecurring('b')).toMatchObject({ key: 'b', static: false, asDefined: null })
    expect(await queue.findRecurring('none')).toBeNull()
    await expect(queue.recurring({ max: 0 })).rejects.toThrow('max: 0; use a whole number from 1 to 1000')
  })
}

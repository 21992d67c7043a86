import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { ConfigurationError, defineQueue, model, task } from '../../../src/index.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { refusingTexts } from '../../support/flaky-driver.ts'
import { silent } from '../../support/open-queue.ts'
import { rowsOf, table } from '../../support/tables.ts'
import { greet } from '../../support/tasks.ts'
import { Account, hourly, hourMs, open, report } from './open.ts'
import { manage, RecurringTaskExistsError, StaticRecurringTaskError } from '../../../src/manage/index.ts'
import { schedule, tick } from '../../../src/ticks/index.ts'

/** What cannot be stored, and what is stored and cannot be enqueued. */
export function refusals(database: OpenDatabase): void {
  test('what cannot be done to a recurring task is said', async () => {
    const { deploy } = await open(database)
    const queue = deploy({ fixed: hourly })
    await schedule(queue)
    await manage(queue).recurring.create('mine', { task: report, schedule: '0 * * * *' })

    await expect(manage(queue).recurring.create('mine', { task: report, schedule: '0 * * * *' })).rejects.toThrow(
      RecurringTaskExistsError,
    )
    await expect(manage(queue).recurring.create('fixed', { task: report, schedule: '0 * * * *' })).rejects.toThrow(
      RecurringTaskExistsError,
    )
    await expect(manage(queue).recurring.edit('fixed', { priority: 1 })).rejects.toThrow(StaticRecurringTaskError)
    await expect(manage(queue).recurring.delete('fixed')).rejects.toThrow(StaticRecurringTaskError)
    await expect(
      manage(queue).recurring.create('mine', { task: report, schedule: '5', timeZone: 'Mars/Base' }),
    ).rejects.toMatchObject({
      issues: [
        { path: 'key', message: '"mine" is that of another recurring task' },
        { path: 'schedule' },
        { path: 'timeZone' },
      ],
    })
    for (const key of ['', 'a b', 'a\u0007', undefined as never, 5 as never])
      for (const done of [
        manage(queue).recurring.find(key),
        manage(queue).recurring.delete(key),
        manage(queue).recurring.enable(key),
        manage(queue).recurring.disable(key),
        manage(queue).recurring.runNow(key),
        manage(queue).recurring.occurrences(key),
        manage(queue).recurring.create(key, { task: report, schedule: '@daily' }),
      ])
        await expect(done).rejects.toThrow(/key: .*; use 1 to 255 characters without white space/)
    await expect(manage(queue).recurring.create('none', undefined as never)).rejects.toThrow(
      'missing; use an object of task, payload',
    )
    await expect(
      manage(queue).recurring.create('none', { task: 'report' as never, schedule: '@daily' }),
    ).rejects.toThrow('task: "report" is no task; use what task() gave')
    expect(await manage(queue).recurring.edit('none', { priority: 1 })).toBe(false)
    expect(await manage(queue).recurring.enable('none')).toBe(false)
    expect(await manage(queue).recurring.disable('none')).toBe(false)
    expect(await manage(queue).recurring.runNow('none')).toBeNull()
    await expect(manage(queue).recurring.occurrences('fixed', { limit: 0 })).rejects.toThrow(
      'limit: 0; use a whole number from 1 to 1000',
    )
  })

  test('none is created where there are 10,000', async () => {
    const { deploy, driver } = await open(database)
    const queue = deploy({})
    await rowsOf(
      driver,
      `insert into ${table(driver, 'recurring_tasks')} (key, schedule, time_zone, task_name, payload, catch_up, static)
        with recursive up(n) as (select 1 union all select n + 1 from up where n < 9999)
        select 'other-' || n, '@daily', 'UTC', 'report', 'null', 'latest', false from up`,
    )

    await manage(queue).recurring.create('last', { task: report, schedule: '@daily' })
    await expect(manage(queue).recurring.create('none', { task: report, schedule: '@daily' })).rejects.toThrow(
      'there are 10000 already; delete some',
    )

    expect(await manage(queue).recurring.find('none')).toBeNull()
  })

  test('all that is wrong with one is said at once, and nothing is stored', async () => {
    const strict = task('strict', { input: z.object({ url: z.url() }), run: () => {} })
    const later = task('later', { input: z.string().refine(async (text) => text === 'good'), run: () => {} })
    const { deploy } = await open(database)
    const queue = deploy({}, { tasks: [strict, later] })
    const wrong = manage(queue).recurring.create('a b', {
      task: strict,
      payload: { url: 'nowhere' },
      schedule: '5',
      timeZone: 'Mars/Base',
      priority: 500,
      queue: '*',
      catchUp: 'some' as never,
    })

    await expect(wrong).rejects.toThrow(ConfigurationError)
    await expect(wrong).rejects.toMatchObject({
      issues: [
        { path: 'key', message: '"a b"; use 1 to 255 characters without white space' },
        { path: 'schedule', message: '"5"; 1 field; use five: minute, hour, day of month, month, day of week' },
        { path: 'timeZone', message: '"Mars/Base" is no time zone; use a name such as "Europe/Madrid", or "UTC"' },
        { path: 'catchUp', message: '"some"; use "latest", "all" or "none"' },
        { path: 'queue', message: expect.stringContaining('"*"') },
        { path: 'priority', message: '500; use a whole number from -100 to 100' },
        { path: 'payload.url', message: 'Invalid URL' },
      ],
    })
    await expect(
      manage(queue).recurring.create('unknown', { task: greet, payload: { name: '' }, schedule: '@daily' }),
    ).rejects.toThrow('task: "greet" is not in the `tasks` of this queue; add it there')
    await expect(
      manage(queue).recurring.create('later', { task: later, payload: 'bad', schedule: '@daily' }),
    ).rejects.toThrow('payload:')
    await expect(
      manage(queue).recurring.create('once', {
        task: later.using({ runAfter: '1m' }),
        payload: 'good',
        schedule: '@daily',
      }),
    ).rejects.toThrow('task: it has `runAfter`, which an occurrence cannot have')
    await manage(queue).recurring.create('later', { task: later, payload: 'good', schedule: '@daily' })
    await expect(manage(queue).recurring.edit('later', { payload: 'bad' })).rejects.toThrow('payload:')
    await expect(manage(queue).recurring.edit('later', { task: strict })).rejects.toThrow('payload')
    expect((await manage(queue).recurring.list()).items.map(({ key, payload }) => [key, payload])).toEqual([
      ['later', 'good'],
    ])
  })

  test('a recurring task that cannot be enqueued is logged once, and keeps no other from it', async () => {
    const errors: { key?: string }[] = []
    const ends: object[] = []
    const { driver, deploy, wait } = await open(database)
    const queue = deploy(
      { broken: hourly, whole: hourly },
      {
        logger: {
          ...silent,
          error: (fields) => void errors.push(fields),
          info: (fields, message) => void ends.push({ message, ...fields }),
        },
      },
    )
    const setZone = (zone: string) =>
      rowsOf(driver, `update ${table(driver, 'recurring_tasks')} set time_zone = '${zone}' where key = 'broken'`)
    await schedule(queue)
    await setZone('Mars/Base')
    wait(hourMs)

    const ticked = await tick(queue)
    await tick(queue)
    const before = [...ends]
    await setZone('UTC')
    const repaired = await tick(queue)

    expect(ticked).toMatchObject({ enqueued: 1, succeeded: 1, more: false })
    expect(errors).toMatchObject([{ key: 'broken' }])
    expect(before).toEqual([])
    expect(repaired).toMatchObject({ enqueued: 1 })
    expect(ends).toMatchObject([{ message: expect.stringMatching(/enqueued again/), key: 'broken' }])
    expect(Number(ticked.nextDueAt?.getTime())).toBeGreaterThan(Date.now())
  })

  test('a recurring task that the database refuses is logged, and keeps no other from it', async () => {
    const errors: { key?: string }[] = []
    const { driver, deploy, wait } = await open(database)
    const definitions = {
      whole: hourly,
      big: { task: greet, payload: { name: 'too big' }, schedule: '@hourly' },
      another: hourly,
    }
    const logger = { ...silent, error: (fields: object) => void errors.push(fields) }
    // Once it is written, the database takes it no more.
    await schedule(deploy({ big: definitions.big }))
    const queue = deploy(definitions, { logger, driver: refusingTexts(driver, (text) => text.includes('too big')) })
    const begun = await tick(queue)
    wait(hourMs)
    const due = await tick(queue)

    expect(begun).toMatchObject({ enqueued: 0, more: false })
    expect(due).toMatchObject({ enqueued: 2, succeeded: 2, more: false })
    expect(errors.map(({ key }) => key)).toEqual(expect.arrayContaining(['big', 'big']))
    expect(new Set(errors.map(({ key }) => key))).toEqual(new Set(['big']))
  })

  test('a model that does not load, and that a limit needs, keeps no other from being enqueued', async () => {
    const loading = Promise.withResolvers<void>()
    const account = model('account', {
      class: Account,
      id: ({ id }) => id,
      load: (): Promise<Account> => {
        loading.resolve()
        return new Promise(() => {})
      },
    })
    const limited = task('limited', { concurrency: { key: ({ id }: Account) => id }, run: () => {} })
    const { driver, wait } = await open(database)
    const queue = defineQueue({
      tasks: [report, limited],
      models: [account],
      recurring: { hangs: { task: limited, payload: new Account(1), schedule: '@hourly' }, whole: hourly },
      connect: () => ({ driver }),
      logger: silent,
    }).open()
    await schedule(queue)
    wait(hourMs)

    // The time that it is given is the machine's.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const scheduling = schedule(queue)
    await loading.promise
    await vi.advanceTimersByTimeAsync(5000)

    expect(await scheduling).toMatchObject({ enqueued: 1, more: false })
    expect(
      await manage(queue)
        .recurring.edit('hangs', { description: 'x' })
        .catch((error: Error) => error.name),
    ).toBe('StaticRecurringTaskError')
  })

  test('an occurrence goes to no queue that is not declared', async () => {
    const errors: object[] = []
    const { driver, deploy, wait } = await open(database)
    await manage(deploy({})).recurring.create('old', { task: report, schedule: '@hourly', queue: 'old' })
    wait(hourMs)
    const queue = defineQueue({
      tasks: [report],
      queues: ['reports'],
      connect: () => ({ driver }),
      logger: { ...silent, error: (fields) => void errors.push(fields) },
    }).open()

    expect((await schedule(queue)).enqueued).toBe(0)
    expect(errors).toMatchObject([
      { key: 'old', error: { issues: [{ path: 'queue', message: '"old" is not declared' }] } },
    ])
    await expect(manage(queue).recurring.runNow('old')).rejects.toThrow('queue: "old" is not declared')
  })
}

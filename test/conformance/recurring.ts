import { expect, onTestFinished, test, vi } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import {
  type Connection,
  ConfigurationError,
  DatabaseError,
  defineQueue,
  type Logger,
  model,
  type Queue,
  type RecurringChanges,
  RecurringTaskExistsError,
  StaticRecurringTaskError,
  type Task,
  task,
} from '../../src/index.ts'
import { z } from 'zod'
import { newId } from '../../src/job/job-id.ts'
import { deploymentOf } from '../../src/recurring/deployment.ts'
import type { NewRecurringTask } from '../../src/recurring/recurring-task.ts'
import { advance, recordOccurrences } from '../../src/transitions/occur.ts'
import { runner } from '../../src/transitions/run.ts'
import { synchronize } from '../../src/transitions/synchronize.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { interrupted, losingAnswers, refusingTexts } from '../support/flaky-driver.ts'
import { openQueue, silent } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { Gate, greet } from '../support/tasks.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const report = task('report', { queue: 'reports', priority: 5, run: () => 'done' })

class Account {
  readonly id: number

  constructor(id: number) {
    this.id = id
  }
}

type Definitions = Readonly<Record<string, RecurringChanges>>

/** The clock begins at 2026-01-01T00:00Z. */
interface Scheduled {
  readonly driver: Driver
  wait(ms: number): void
  /** What a deployment with these recurring tasks opens. */
  deploy(definitions: Definitions, options?: { tasks?: readonly Task[]; logger?: Logger; driver?: Driver }): Queue
}

async function open(database: OpenDatabase): Promise<Scheduled> {
  const { driver, advance: wait } = await openQueue(database)
  return {
    driver,
    wait,
    deploy(definitions, { tasks = [report, greet], logger = silent, driver: through = driver } = {}) {
      const connection: Connection = { driver: through }
      return defineQueue({
        tasks,
        recurring: definitions as Record<string, never>,
        logger,
        connect: () => connection,
      }).attach(connection)
    },
  }
}

/** The jobs that are ready, as their occurrences were to run: `task@instant`. */
async function readyOf(queue: Queue): Promise<string[]> {
  const { jobs } = await queue.list({ state: 'ready' }, { max: 1000 })
  return jobs.map(({ taskName, scheduledAt }) => `${taskName}@${scheduledAt.toISOString().slice(0, 16)}`).toSorted()
}

async function statesOf(queue: Queue): Promise<Record<string, string>> {
  const listed = await queue.recurring()
  return Object.fromEntries(
    listed.map(({ key, enabled, removedAt, nextRunAt }) => [
      key,
      removedAt ? 'removed' : enabled ? (nextRunAt?.toISOString().slice(0, 16) ?? 'never') : 'disabled',
    ]),
  )
}

const hourly = { task: report, schedule: '0 * * * *' }

export function recurring(database: OpenDatabase): void {
  test('a clock that was ahead for one tick puts nothing off: what it wrote is brought back, and said', async () => {
    const warned: object[] = []
    const logger = { ...silent, warn: (fields: object) => void warned.push(fields) }
    const { deploy, wait } = await open(database)
    const years = 11 * 365 * 24 * hourMs
    const definition = { often: { task: report, schedule: '*/10 * * * *', catchUp: 'all' } } as const
    const queue = deploy(definition, { logger })
    await queue.tick()
    await queue.createRecurring('yearly', { task: report, schedule: '0 0 1 6 *' })

    wait(years)
    await queue.tick()
    await queue.createRecurring('created-ahead', { task: report, schedule: '0 12 * * *' })
    wait(hourMs - years)
    await queue.tick()
    const [, often, yearly] = await queue.recurring()
    wait(10 * minuteMs)
    const due = await queue.tick()

    expect(often?.nextRunAt).toEqual(new Date('2026-01-01T01:10Z'))
    expect(yearly?.nextRunAt).toEqual(new Date('2026-06-01T00:00Z'))
    expect((await queue.findRecurring('created-ahead'))?.nextRunAt).toEqual(new Date('2026-01-01T12:00Z'))
    expect(warned.filter((fields) => 'was' in fields)).toMatchObject([
      { key: 'created-ahead' },
      { key: 'often' },
      { key: 'yearly' },
    ])
    expect(due.enqueued).toBe(1)
  })

  test('an occurrence is enqueued when it is due, and its job is performed by the same tick', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({
      daily: { task: greet, payload: { name: 'Ada' }, schedule: '0 10 * * *', description: 'hi' },
    })
    const first = await queue.tick()
    const [before] = await queue.recurring()
    wait(10 * hourMs - 1)
    const early = await queue.tick()
    wait(1)
    const due = await queue.tick()
    const [after] = await queue.recurring()
    const [occurrence, ...more] = await queue.occurrences('daily')

    expect([first.enqueued, early.enqueued, due.enqueued, due.succeeded]).toEqual([0, 0, 1, 1])
    expect(before).toEqual({
      key: 'daily',
      taskName: 'greet',
      payload: { name: 'Ada' },
      schedule: '0 10 * * *',
      timeZone: 'UTC',
      queueName: null,
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
    const ofDaily = await queue.list({ state: 'finished', recurring: 'daily' })
    expect(ofDaily.jobs.map(({ id }) => id)).toEqual([occurrence?.jobId])
    expect((await queue.list({ state: 'finished', recurring: 'weekly' })).jobs).toEqual([])
    expect(await queue.find(String(occurrence?.jobId))).toMatchObject({
      recurring: { key: 'daily', runAt: new Date('2026-01-01T10:00Z') },
      taskName: 'greet',
      outcome: 'succeeded',
      scheduledAt: new Date('2026-01-01T10:00Z'),
    })
  })

  test('a tick says when the next occurrence comes, and one between two occurrences is one round trip', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly })

    const first = await queue.tick()
    wait(minuteMs)
    const idle = await queue.tick()

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
    await queue.schedule()
    wait(hourMs)
    await queue.schedule()

    const { jobs } = await queue.list({ state: 'ready' })

    expect(jobs.map(({ queueName, priority }) => [queueName, priority]).toSorted()).toEqual(
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
    await queue.tick()
    wait(hourMs)
    await queue.tick()
    await queue.runRecurringNow('keeps')
    await queue.tick()

    expect(got).toEqual([payload, payload])
  })

  test('however many ticks come at once, late or again, an occurrence is enqueued once', async () => {
    const { deploy, wait } = await open(database)
    const queues = Array.from({ length: 10 }, () => deploy({ hourly, half: { ...hourly, schedule: '*/30 * * * *' } }))
    await Promise.all(queues.map((queue) => queue.schedule()))
    wait(hourMs)
    const reports = await Promise.all(queues.map((queue) => queue.schedule()))
    const again = await queues[0]?.schedule()

    expect(reports.reduce((sum, { enqueued }) => sum + enqueued, 0)).toBe(2)
    expect(again?.enqueued).toBe(0)
    expect(await readyOf(queues[0] as Queue)).toEqual(['report@2026-01-01T01:00', 'report@2026-01-01T01:00'])
  })

  test('an occurrence is not enqueued again when its job was cleared, nor by a tick that was slow', async () => {
    const { driver, deploy, wait } = await open(database)
    const queue = deploy({ hourly })
    await queue.tick()
    const [{ nextRunAt: from } = { nextRunAt: null }] = await queue.recurring()
    wait(hourMs)
    await queue.tick()
    await queue.clear({ state: 'finished', olderThan: 0 })

    // A tick that had read the same occurrence, and comes only now.
    const job = { id: newId() } as never
    const slow = [{ key: 'hourly', from: from as Date, to: new Date(), occurrences: [{ runAt: from as Date, job }] }]
    const [recorded] = await runner(driver).run(recordOccurrences(driver.dialect, slow))
    // Somebody's hand.
    await rowsOf(
      driver,
      `update ${table(driver, 'recurring_tasks')} set next_run_at = (select run_at from ${table(driver, 'recurring_executions')})`,
    )
    const again = await queue.schedule()

    expect(recorded.size).toBe(0)
    expect(again.enqueued).toBe(0)
    expect((await queue.occurrences('hourly')).length).toBe(1)
    expect((await queue.recurring())[0]?.nextRunAt).toEqual(new Date('2026-01-01T02:00Z'))
  })

  test('a tick that was slow does nothing about a task that was disabled, edited or deleted meanwhile', async () => {
    const { driver, deploy } = await open(database)
    const queue = deploy({})
    const from = new Date('2026-01-01T01:00Z')
    for (const key of ['disabled', 'edited', 'deleted', 'same'])
      await queue.createRecurring(key, { task: report, schedule: '0 * * * *' })
    const ids = [newId(), newId(), newId(), newId()]
    const slow = ['disabled', 'edited', 'deleted', 'same'].map((key, index) => ({
      key,
      from,
      to: new Date('2026-01-01T02:00Z'),
      occurrences: [{ runAt: from, job: { id: ids[index] } as never }],
    }))
    await queue.disableRecurring('disabled')
    await queue.editRecurring('edited', { schedule: '30 * * * *' })
    await queue.deleteRecurring('deleted')

    const [recorded] = await runner(driver).run(recordOccurrences(driver.dialect, slow), advance(driver.dialect, slow))

    expect([...recorded]).toEqual([ids[3]])
    expect(await statesOf(queue)).toEqual({
      disabled: 'disabled',
      edited: '2026-01-01T00:30',
      same: '2026-01-01T02:00',
    })
  })

  test('a batch whose answer was lost is sent again, and its occurrences are enqueued once', async () => {
    const { driver, deploy, wait } = await open(database)
    await deploy({ hourly }).schedule()
    wait(hourMs)
    // Look, and read, come before it.
    const queue = deploy({ hourly }, { driver: losingAnswers(driver, { times: 1, after: 2 }) })

    const { enqueued, retriedBatches } = await queue.schedule()

    expect([enqueued, retriedBatches]).toEqual([1, 1])
    expect(await readyOf(queue)).toEqual(['report@2026-01-01T01:00'])
  })

  test.each([
    ['latest', ['03:00'], ['02:30']],
    ['all', ['01:00', '02:00', '03:00'], ['00:30', '01:30', '02:30']],
    ['none', ['03:00'], []],
  ] as const)('after an outage of three hours, catchUp: %s', async (catchUp, ofHourly, ofHalf) => {
    const { deploy, wait } = await open(database)
    const queue = deploy({
      hourly: { ...hourly, catchUp },
      half: { task: greet, payload: { name: 'Ada' }, schedule: '30 * * * *', catchUp },
    })
    await queue.schedule()
    wait(3 * hourMs)

    const { enqueued } = await queue.schedule()

    const expected = [
      ...ofHalf.map((at) => `greet@2026-01-01T${at}`),
      ...ofHourly.map((at) => `report@2026-01-01T${at}`),
    ]
    expect(await readyOf(queue)).toEqual(expected)
    expect(enqueued).toBe(expected.length)
    expect(await statesOf(queue)).toEqual({ half: '2026-01-01T03:30', hourly: '2026-01-01T04:00' })
  })

  test('catchUp: none enqueues what is 20 minutes late, and nothing that is later', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly: { ...hourly, catchUp: 'none' } })
    await queue.schedule()
    wait(hourMs + 20 * minuteMs)
    const late = await queue.schedule()
    wait(hourMs + 1)
    const later = await queue.schedule()

    expect([late.enqueued, later.enqueued]).toEqual([1, 0])
    expect((await queue.recurring())[0]).toMatchObject({
      lastRunAt: new Date('2026-01-01T01:00Z'),
      nextRunAt: new Date('2026-01-01T03:00Z'),
    })
  })

  test('catchUp: all makes up for the newest thousand, and says that there were more', async () => {
    const warnings: object[] = []
    const { deploy, wait } = await open(database)
    const queue = deploy(
      { minutely: { ...hourly, schedule: '* * * * *', catchUp: 'all' } },
      { logger: { ...silent, warn: (fields) => void warnings.push(fields) } },
    )
    await queue.schedule()
    wait(3 * 24 * hourMs)

    const { enqueued, roundTrips } = await queue.schedule()

    const ready = await readyOf(queue)
    expect([enqueued, ready.length]).toEqual([1000, 1000])
    expect([ready[0], ready.at(-1)]).toEqual(['report@2026-01-03T07:21', 'report@2026-01-04T00:00'])
    expect(roundTrips).toBe(5)
    expect(warnings).toEqual([{ key: 'minutely' }])
  })

  test('a tick that dies on the way leaves the other occurrences to the next one', async () => {
    const { driver, deploy, wait } = await open(database)
    const minutely = { minutely: { ...hourly, schedule: '* * * * *', catchUp: 'all' } } as const
    const queue = deploy(minutely)
    await queue.schedule()
    wait(20 * hourMs)

    // Look, read, and the first of three batches.
    let left = 3
    const dying: Driver = {
      ...driver,
      batch: (statements) => ((left -= 1) < 0 ? Promise.reject(new Error('it died')) : driver.batch(statements)),
    }
    await expect(deploy(minutely, { driver: dying }).schedule()).rejects.toThrow('it died')
    const { count: first } = (await queue.counts()).ready
    await queue.schedule()

    expect(first).toBe(500)
    expect(new Set(await readyOf(queue)).size).toBe(1000)
  })

  test('sixty tasks that are due are enqueued in two batches', async () => {
    const { deploy, wait } = await open(database)
    const keys = Array.from({ length: 60 }, (_, index) => `task-${index}`)
    const queue = deploy(Object.fromEntries(keys.map((key) => [key, hourly])))
    await queue.schedule()
    wait(hourMs - minuteMs)
    await queue.schedule()
    wait(minuteMs)

    expect(await queue.schedule()).toMatchObject({ enqueued: 60, roundTrips: 4 })
  })

  test('an occurrence whose key is full is recorded as skipped, and does not come again', async () => {
    const gate = new Gate()
    const held = task('held', { concurrency: { key: 'one', onConflict: 'skip' }, run: () => {} })
    const { deploy, wait } = await open(database)
    const queue = deploy({ held: { task: held, schedule: '@hourly' } }, { tasks: [held, gate.task] })
    await queue.tick()
    await queue.enqueue(held)
    await queue.pause('default')
    wait(hourMs)
    const tick = await queue.tick()
    const again = await queue.tick()

    const [occurrence] = await queue.occurrences('held')
    expect(tick).toMatchObject({ enqueued: 1, skipped: 1 })
    expect(again).toMatchObject({ enqueued: 0, skipped: 0 })
    expect(await queue.find(String(occurrence?.jobId))).toMatchObject({ state: 'finished', outcome: 'skipped' })
    expect((await queue.recurring())[0]?.lastRunAt).toEqual(new Date('2026-01-01T01:00Z'))
  })

  test('an occurrence whose key is full waits for it', async () => {
    const held = task('held', { concurrency: { key: ({ id }: { id: string }) => id }, run: () => {} })
    const { deploy, wait } = await open(database)
    const queue = deploy({ held: { task: held, payload: { id: 'one' }, schedule: '@hourly' } }, { tasks: [held] })
    await queue.tick()
    await queue.enqueue(held, { id: 'one' })
    await queue.pause('default')
    wait(hourMs)
    await queue.tick()
    const [occurrence] = await queue.occurrences('held')
    const waiting = await queue.find(String(occurrence?.jobId))
    await queue.resume('default')
    const { succeeded } = await queue.tick()

    expect(waiting).toMatchObject({ state: 'blocked', concurrencyKey: 'held/one' })
    expect(succeeded).toBe(2)
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
    await queue.schedule()
    await setZone('Mars/Base')
    wait(hourMs)

    const tick = await queue.tick()
    await queue.tick()
    const before = [...ends]
    await setZone('UTC')
    const mended = await queue.tick()

    expect(tick).toMatchObject({ enqueued: 1, succeeded: 1, more: false })
    expect(errors).toMatchObject([{ key: 'broken' }])
    expect(before).toEqual([])
    expect(mended).toMatchObject({ enqueued: 1 })
    expect(ends).toMatchObject([{ message: expect.stringMatching(/enqueued again/), key: 'broken' }])
    expect(Number(tick.nextDueAt?.getTime())).toBeGreaterThan(Date.now())
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
    await deploy({ big: definitions.big }).schedule()
    const queue = deploy(definitions, { logger, driver: refusingTexts(driver, (text) => text.includes('too big')) })
    const begun = await queue.tick()
    wait(hourMs)
    const due = await queue.tick()

    expect(begun).toMatchObject({ enqueued: 0, more: false })
    expect(due).toMatchObject({ enqueued: 2, succeeded: 2, more: false })
    expect(errors.map(({ key }) => key)).toEqual(expect.arrayContaining(['big', 'big']))
    expect(new Set(errors.map(({ key }) => key))).toEqual(new Set(['big']))
  })

  test('a tick whose deadline is near, or that is told to stop, leaves occurrences due, and says so', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly })
    await queue.schedule()
    wait(hourMs)

    const stopped = await queue.schedule({ signal: AbortSignal.abort() })
    const late = await queue.tick({ deadline: new Date(Date.now() + 500) })
    const next = await queue.schedule()

    expect([stopped, late, next]).toMatchObject([
      { enqueued: 0, more: true },
      { enqueued: 0, more: true },
      { enqueued: 1, more: false },
    ])
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
    }).attach({ driver })
    await queue.schedule()
    wait(hourMs)

    // The time that it is given is the machine's.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const scheduling = queue.schedule()
    await loading.promise
    await vi.advanceTimersByTimeAsync(5000)

    expect(await scheduling).toMatchObject({ enqueued: 1, more: false })
    expect(await queue.editRecurring('hangs', { description: 'x' }).catch((error: Error) => error.name)).toBe(
      'StaticRecurringTaskError',
    )
  })

  test('an occurrence whose job was discarded behind a lost answer is not enqueued again', async () => {
    const { driver, deploy, wait } = await open(database)
    await deploy({ hourly }).schedule()
    wait(hourMs)
    const operator = deploy({ hourly })
    const discardAndLose = async () => {
      await operator.discardAll({ state: 'ready' })
      throw new DatabaseError('unknown', new Error('the answer was lost'))
    }
    const losing = interrupted(driver, discardAndLose, { batch: 3 })

    const { enqueued, retriedBatches } = await deploy({ hourly }, { driver: losing }).schedule()

    expect([enqueued, retriedBatches]).toEqual([0, 1])
    expect(await readyOf(operator)).toEqual([])
  })

  test('a tick that finds that somebody else was there says when the next occurrence comes', async () => {
    const { driver, deploy, wait } = await open(database)
    const other = deploy({ hourly })
    await other.tick()
    wait(hourMs - minuteMs)
    await other.tick()
    wait(minuteMs)
    const slow = interrupted(driver, () => other.tick())

    const { enqueued, nextDueAt } = await deploy({ hourly }, { driver: slow }).tick()

    expect(enqueued).toBe(0)
    expect(Number(nextDueAt?.getTime())).toBeGreaterThan(Date.now() + 59 * minuteMs)
  })

  test('an occurrence goes to no queue that is not declared', async () => {
    const errors: object[] = []
    const { driver, deploy, wait } = await open(database)
    await deploy({}).createRecurring('old', { task: report, schedule: '@hourly', queue: 'old' })
    wait(hourMs)
    const queue = defineQueue({
      tasks: [report],
      queues: ['reports'],
      connect: () => ({ driver }),
      logger: { ...silent, error: (fields) => void errors.push(fields) },
    }).attach({ driver })

    expect((await queue.schedule()).enqueued).toBe(0)
    expect(errors).toMatchObject([{ key: 'old', error: { problems: ['queue: "old" is not declared'] } }])
    await expect(queue.runRecurringNow('old')).rejects.toThrow('queue: "old" is not declared')
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

  test('what cannot be done to a recurring task is said', async () => {
    const { deploy } = await open(database)
    const queue = deploy({ fixed: hourly })
    await queue.schedule()
    await queue.createRecurring('mine', { task: report, schedule: '0 * * * *' })

    await expect(queue.createRecurring('mine', { task: report, schedule: '0 * * * *' })).rejects.toThrow(
      RecurringTaskExistsError,
    )
    await expect(queue.createRecurring('fixed', { task: report, schedule: '0 * * * *' })).rejects.toThrow(
      RecurringTaskExistsError,
    )
    await expect(queue.editRecurring('fixed', { priority: 1 })).rejects.toThrow(StaticRecurringTaskError)
    await expect(queue.deleteRecurring('fixed')).rejects.toThrow(StaticRecurringTaskError)
    await expect(
      queue.createRecurring('mine', { task: report, schedule: '5', timeZone: 'Mars/Base' }),
    ).rejects.toMatchObject({
      problems: [
        'key: "mine" is that of another recurring task',
        expect.stringMatching(/^schedule/),
        expect.stringMatching(/^timeZone/),
      ],
    })
    for (const key of ['', 'a b', 'a\u0007', undefined as never, 5 as never])
      for (const done of [
        queue.findRecurring(key),
        queue.deleteRecurring(key),
        queue.enableRecurring(key),
        queue.disableRecurring(key),
        queue.runRecurringNow(key),
        queue.occurrences(key),
        queue.createRecurring(key, { task: report, schedule: '@daily' }),
      ])
        await expect(done).rejects.toThrow(/key: .*; use 1 to 255 characters without white space/)
    await expect(queue.createRecurring('none', undefined as never)).rejects.toThrow(
      'missing; use an object of task, payload',
    )
    await expect(queue.createRecurring('none', { task: 'report' as never, schedule: '@daily' })).rejects.toThrow(
      'task: "report" is no task; use what task() gave',
    )
    expect(await queue.editRecurring('none', { priority: 1 })).toBe(false)
    expect(await queue.enableRecurring('none')).toBe(false)
    expect(await queue.disableRecurring('none')).toBe(false)
    expect(await queue.runRecurringNow('none')).toBeNull()
    await expect(queue.occurrences('fixed', { max: 0 })).rejects.toThrow('max: 0; use a whole number from 1 to 1000')
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

    await queue.createRecurring('last', { task: report, schedule: '@daily' })
    await expect(queue.createRecurring('none', { task: report, schedule: '@daily' })).rejects.toThrow(
      'there are 10000 already; delete some',
    )

    expect(await queue.findRecurring('none')).toBeNull()
  })

  test('all that is wrong with one is said at once, and nothing is stored', async () => {
    const strict = task('strict', { input: z.object({ url: z.url() }), run: () => {} })
    const later = task('later', { input: z.string().refine(async (text) => text === 'good'), run: () => {} })
    const { deploy } = await open(database)
    const queue = deploy({}, { tasks: [strict, later] })
    const wrong = queue.createRecurring('a b', {
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
      problems: [
        'key: "a b"; use 1 to 255 characters without white space',
        'schedule: "5"; 1 field; use five: minute, hour, day of month, month, day of week',
        'timeZone: "Mars/Base" is no time zone; use a name such as "Europe/Madrid", or "UTC"',
        'catchUp: "some"; use "latest", "all" or "none"',
        expect.stringContaining('queue: "*"'),
        'priority: 500; use a whole number from -100 to 100',
        'payload.url: Invalid URL',
      ],
    })
    await expect(
      queue.createRecurring('unknown', { task: greet, payload: { name: '' }, schedule: '@daily' }),
    ).rejects.toThrow('task: "greet" is not in the `tasks` of this queue; add it there')
    await expect(queue.createRecurring('later', { task: later, payload: 'bad', schedule: '@daily' })).rejects.toThrow(
      'payload:',
    )
    await expect(
      queue.createRecurring('once', { task: later.using({ runAfter: '1m' }), payload: 'good', schedule: '@daily' }),
    ).rejects.toThrow('task: it has `runAfter`, which an occurrence cannot have')
    await queue.createRecurring('later', { task: later, payload: 'good', schedule: '@daily' })
    await expect(queue.editRecurring('later', { payload: 'bad' })).rejects.toThrow('payload:')
    await expect(queue.editRecurring('later', { task: strict })).rejects.toThrow('payload')
    expect((await queue.recurring()).map(({ key, payload }) => [key, payload])).toEqual([['later', 'good']])
  })

  test('of two deployments, the one that came later says what a recurring task is, however they take turns', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly, two: hourly })
    await old.schedule()
    wait(minuteMs)
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' }, two: hourly })
    await young.schedule()
    const seen: unknown[] = []
    for (let turn = 0; turn < 12; turn += 1) {
      wait(6 * minuteMs)
      await (turn % 2 === 0 ? old : young).schedule()
      seen.push((await young.recurring()).map(({ schedule }) => schedule))
    }

    expect(seen).toEqual(Array.from({ length: 12 }, () => ['30 * * * *', '0 * * * *']))
  })

  test('a deployment that comes while something is due leaves it due', async () => {
    const { driver, deploy, wait } = await open(database)
    await deploy({ one: hourly }).schedule()
    wait(hourMs)
    const written: NewRecurringTask = {
      key: 'one',
      taskName: 'report',
      schedule: '0 * * * *',
      timeZone: 'UTC',
      payload: 'null',
      payloadMeta: null,
      queueName: null,
      priority: 1,
      catchUp: 'latest',
      description: null,
    }
    const planned = [{ task: written, next: new Date('2026-01-01T02:00Z') }]
    await runner(driver).run(synchronize(driver.dialect, deploymentOf([written], ['report']), planned))

    expect((await deploy({}).recurring())[0]).toMatchObject({ priority: 1, nextRunAt: new Date('2026-01-01T01:00Z') })
  })

  test('a deployment that is alone again has its way after 20 minutes; one that comes back after so long, at once', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly })
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' } })
    const seen: unknown[] = []
    const tickOf = async (queue: Queue, minutes: number) => {
      wait(minutes * minuteMs)
      await queue.schedule()
      const [one] = await old.recurring()
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
    await old.schedule()
    wait(minuteMs)
    await young.schedule()
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
      await queue.applyRecurring()
      seen.push((await old.recurring())[0]?.asDefined)
    }
    wait(6 * minuteMs)
    await young.schedule()

    expect(seen).toEqual([true, false, true, false, true])
    expect((await old.recurring())[0]?.schedule).toBe('0 * * * *')
  })

  test('what is due is enqueued before a definition is applied; what it cannot write is said', async () => {
    const { deploy, wait } = await open(database)
    await deploy({ one: hourly }).schedule()
    wait(hourMs)
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' }, mine: hourly })
    await young.createRecurring('mine', { task: report, schedule: '@daily' })
    const taken = await young.applyRecurring()

    expect(taken).toEqual(['mine'])
    expect(await readyOf(young)).toEqual(['report@2026-01-01T01:00'])
    expect((await young.recurring()).map(({ key, asDefined }) => [key, asDefined])).toEqual([
      ['mine', null],
      ['one', true],
    ])
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

  test('a task that no deployment has is removed after an hour, its occurrences stay, and it can come back', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ kept: hourly, dropped: hourly })
    await old.schedule()
    wait(hourMs)
    await old.schedule()
    const young = deploy({ kept: hourly })
    const states: Record<string, string>[] = []
    const reports: number[] = []
    for (let turn = 0; turn < 7; turn += 1) {
      wait(11 * minuteMs)
      reports.push((await young.schedule()).enqueued)
      states.push(await statesOf(young))
    }
    const occurrences = await young.occurrences('dropped')
    const removed = await young.findRecurring('dropped')
    await old.schedule()
    const back = await statesOf(old)

    expect(reports.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(states.map(({ dropped }) => dropped)).toEqual([
      ...Array.from({ length: 5 }, () => '2026-01-01T02:00'),
      '2026-01-01T02:00',
      'removed',
    ])
    expect(removed).toMatchObject({ static: true, enabled: true, removedAt: expect.any(Date), nextRunAt: null })
    expect(states.at(-1)?.['kept']).toBe('2026-01-01T03:00')
    expect(occurrences.map(({ runAt }) => runAt)).toEqual([new Date('2026-01-01T01:00Z')])
    expect(back).toEqual({ dropped: '2026-01-01T03:00', kept: '2026-01-01T03:00' })
  })

  test('the last recurring task of a definition is removed, too, and can be deleted then', async () => {
    const { deploy, wait } = await open(database)
    await deploy({ dropped: hourly }).schedule()
    const young = deploy({})
    for (let turn = 0; turn < 8; turn += 1) {
      wait(11 * minuteMs)
      await young.tick()
    }

    expect(await statesOf(young)).toEqual({ dropped: 'removed' })
    await expect(young.editRecurring('dropped', { priority: 1 })).rejects.toThrow('none has it any more. Delete it')
    await expect(young.createRecurring('dropped', { task: report, schedule: '@daily' })).rejects.toThrow(
      'delete it first',
    )
    expect(await young.deleteRecurring('dropped')).toBe(true)
    expect(await young.recurring()).toEqual([])
  })

  test('a deployment that is there all the time keeps what it has, whoever else comes', async () => {
    const { deploy, wait } = await open(database)
    const one = deploy({ one: hourly })
    const other = deploy({ other: hourly })
    const seen: string[] = []
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.all([one.schedule(), other.schedule()])
      seen.push(...Object.values(await statesOf(one)))
      wait(11 * minuteMs)
    }

    expect(seen).not.toContain('removed')
    expect((await one.occurrences('one')).length).toBe(3)
    expect((await one.occurrences('other')).length).toBe(3)
  })

  test('a task is removed by nobody during an outage, and what it missed is caught up on', async () => {
    const { deploy, wait } = await open(database)
    const one = deploy({ one: { ...hourly, catchUp: 'all' } })
    const other = deploy({ other: hourly })
    for (let turn = 0; turn < 8; turn += 1) {
      await Promise.all([one.schedule(), other.schedule()])
      wait(10 * minuteMs)
    }
    const before = (await one.occurrences('one')).length
    wait(5 * hourMs)
    await other.schedule()
    await one.schedule()

    expect((await one.occurrences('one')).length - before).toBe(5)
  })

  test('a deployment whose ticks are rare catches up on what came while its tasks counted as removed', async () => {
    const { deploy, wait } = await open(database)
    const often = deploy({ other: hourly })
    const rare = deploy({ one: { ...hourly, catchUp: 'all' } })
    await rare.schedule()
    const states: (string | undefined)[] = []
    for (let turn = 1; turn <= 36; turn += 1) {
      wait(10 * minuteMs)
      await often.schedule()
      states.push((await statesOf(often))['one'])
      if (turn % 18 === 0) await rare.schedule()
    }

    expect(states.filter((state) => state === 'removed').length).toBeGreaterThan(10)
    expect((await rare.occurrences('one')).length).toBe(6)
    expect((await statesOf(rare))['one']).toBe('2026-01-01T07:00')
  })

  test('a task that comes back after more than a week begins anew', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: { ...hourly, catchUp: 'all' } })
    const young = deploy({ other: hourly })
    await old.schedule()
    for (let turn = 0; turn < 15; turn += 1) {
      wait(10 * minuteMs)
      await young.schedule()
    }
    wait(7 * 24 * hourMs)
    const { enqueued } = await old.schedule()
    const after = await old.schedule()

    expect([enqueued, after.enqueued]).toEqual([0, 0])
    expect((await statesOf(old))['one']).toBe('2026-01-08T03:00')
  })

  test('a task is removed by ticks that come once an hour, too', async () => {
    const { deploy, wait } = await open(database)
    await deploy({ dropped: hourly }).schedule()
    const young = deploy({ kept: hourly })
    for (let turn = 0; turn < 4; turn += 1) {
      await young.schedule()
      wait(hourMs)
    }

    expect((await statesOf(young))['dropped']).toBe('removed')
  })

  test('a task that was disabled stays so, whatever is deployed', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: hourly })
    await old.schedule()
    await old.disableRecurring('one')
    const young = deploy({ one: { ...hourly, schedule: '30 * * * *' } })
    await young.schedule()
    wait(2 * hourMs)
    const { enqueued } = await young.schedule()
    const disabled = await statesOf(young)
    await young.enableRecurring('one')

    expect(enqueued).toBe(0)
    expect(disabled).toEqual({ one: 'disabled' })
    expect(await statesOf(young)).toEqual({ one: '2026-01-01T02:30' })
  })

  test('a definition does not take the key of a task that was created at run time, and says so', async () => {
    const warnings: object[] = []
    const { deploy, wait } = await open(database)
    await deploy({}).createRecurring('mine', { task: report, schedule: '0 * * * *' })
    const queue = deploy(
      { mine: { ...hourly, schedule: '30 * * * *' } },
      { logger: { ...silent, warn: (fields) => void warnings.push(fields) } },
    )
    await queue.schedule()
    wait(hourMs)
    const { enqueued } = await queue.schedule()

    expect((await queue.recurring())[0]).toMatchObject({ static: false, schedule: '0 * * * *' })
    expect(enqueued).toBe(1)
    expect(warnings[0]).toEqual({ key: 'mine' })
  })

  test('a task that a deployment does not know, or no longer lists, is left to those that do', async () => {
    const { deploy, wait } = await open(database)
    const both = deploy({ greet: { task: greet, payload: { name: 'Ada' }, schedule: '@hourly' }, report: hourly })
    await both.schedule()
    await both.createRecurring('dynamic', { task: greet, payload: { name: 'Bob' }, schedule: '@hourly' })
    const knowsLess = deploy({ report: hourly }, { tasks: [report] })
    const listsLess = deploy({ report: hourly })
    wait(hourMs)
    const ofLess = await knowsLess.tick()
    const ofOther = await listsLess.tick()
    const ofBoth = await both.tick()

    expect([ofLess.enqueued, ofOther.enqueued, ofBoth.enqueued]).toEqual([1, 1, 1])
    expect([ofLess.more, ofOther.more]).toEqual([false, false])
  })

  test('occurrences are forgotten a week after they came, of tasks that are gone, too', async () => {
    const { deploy, wait } = await open(database)
    const queue = deploy({ hourly })
    await queue.createRecurring('gone', { task: report, schedule: '@hourly' })
    await queue.schedule()
    wait(hourMs)
    await queue.schedule()
    await queue.deleteRecurring('gone')
    wait(7 * 24 * hourMs - 1)
    await queue.maintain()
    const kept = [await queue.occurrences('hourly'), await queue.occurrences('gone')].map(({ length }) => length)
    wait(1)
    await queue.maintain()
    const left = [await queue.occurrences('hourly'), await queue.occurrences('gone')].map(({ length }) => length)

    expect(kept).toEqual([1, 1])
    expect(left).toEqual([0, 0])
  })
}

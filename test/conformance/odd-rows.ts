import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { DatabaseError, fixed, InconsistentJobError, task, typed } from '../../src/index.ts'
import { claimBy, processA } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { manage } from '../../src/manage/index.ts'
import { prune, tick, work } from '../../src/ticks/index.ts'

const failing = task('failing', {
  input: typed<number>(),
  maxAttempts: 3,
  backoff: fixed(0),
  run: () => {
    throw new Error('not now')
  },
})

/** Columns of jsonb and json take no text that is none, so such a row is one of SQLite's and D1's. */
const spoiled = (driver: Driver) =>
  driver.dialect.name === 'sqlite'
    ? ["'not json'", `'{"a":1}'`, `'[1, null, {"at": "x"}]'`]
    : [`'{"a":1}'`, "'[1, null]'"]

/** Rows that another program, or a person, wrote. */
export function oddRows(database: OpenDatabase): void {
  test('errors that are no list of errors stop no neighbour, neither performing nor pruning nor lists', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [failing] })
    const ids = (await queue.enqueueAll(failing, [1, 2, 3])).map(({ id }) => String(id))
    for (const value of spoiled(driver)) {
      const spoil = `update ${table(driver, 'jobs')} set errors = ${value} where id = '${ids[0]}'`
      await rowsOf(driver, spoil)
      expect((await queue.find(String(ids[0])))?.state).toBe('ready')
      expect((await manage(queue).jobs.list({ state: 'ready' })).items).toHaveLength(3)

      expect(await work(queue)).toMatchObject({ claimed: 3, retried: 3 })
      expect((await queue.find(String(ids[0])))?.errors.at(-1)).toMatchObject({ message: 'not now' })
      await manage(queue).jobs.runAllNow({})
      await manage(queue).jobs.discardAll({ state: 'ready' })
      ids.splice(0, 3, ...(await queue.enqueueAll(failing, [1, 2, 3])).map(({ id }) => String(id)))
    }
  })

  test('a lost job whose errors were spoiled is pruned with its neighbours', async () => {
    const { queue, driver, advance } = await openQueue(database, { tasks: [failing] })
    const ids = (await queue.enqueueAll(failing, [1, 2, 3])).map(({ id }) => String(id))
    await claimBy(driver, processA)
    await rowsOf(driver, `update ${table(driver, 'jobs')} set errors = ${spoiled(driver)[0]} where id = '${ids[0]}'`)

    advance(60_001)
    const report = await prune(queue)

    expect(report.pruned).toBe(3)
    for (const id of ids) expect((await queue.find(id))?.errors).toMatchObject([{ name: 'ProcessPrunedError' }])
  })

  test('a payload, progress or result that is no JSON is shown as such, and hides no other', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [failing] })
    const [odd, plain] = await queue.enqueueAll(failing, [1, 2])
    if (driver.dialect.name === 'sqlite')
      await rowsOf(
        driver,
        `update ${table(driver, 'jobs')} set payload = 'not json', progress = 'nor this' where id = '${odd?.id}'`,
      )

    const { items: jobs } = await manage(queue).jobs.list({ state: 'ready' })

    expect(jobs.map(({ id }) => id)).toEqual([odd?.id, plain?.id])
    if (driver.dialect.name === 'sqlite')
      expect(await queue.find(String(odd?.id))).toMatchObject({
        payload: { unreadable: 'not json' },
        progress: { unreadable: 'nor this' },
      })
  })

  test('a key without its limit is refused where it is written: it would stop each batch that meets it', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [failing] })
    const { id } = await queue.enqueue(failing, 1)
    const write = (columns: string) =>
      rowsOf(driver, `update ${table(driver, 'jobs')} set ${columns} where id = '${id}'`)

    await expect(write(`concurrency_key = 'failing/x'`)).rejects.toThrow(DatabaseError)
    await write(
      `concurrency_key = 'failing/x', concurrency_limit = 1, concurrency_duration_ms = 1000, on_conflict = 'block'`,
    )

    expect(await tick(queue)).toMatchObject({ claimed: 3, retried: 2, failed: 1 })
  })

  test('a job whose priority was changed by hand is listed where its row is, performed, and named when it is asked for', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [failing] })
    const [odd, plain] = await queue.enqueueAll(failing, [1, 2])
    await rowsOf(driver, `update ${table(driver, 'jobs')} set priority = 50 where id = '${odd?.id}'`)

    const { items: jobs } = await manage(queue).jobs.list({ state: 'ready' })
    const asked = await queue.find(String(odd?.id)).catch((error: unknown) => error)
    const report = await work(queue)

    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      [odd?.id, 'ready'],
      [plain?.id, 'ready'],
    ])
    expect(asked).toBeInstanceOf(InconsistentJobError)
    expect(report).toMatchObject({ claimed: 2, retried: 2 })
  })

  test('numbers and instants that cannot be read are refused where they are written: they would stop each batch', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [failing] })
    const { id } = await queue.enqueue(failing, 1)
    const odd =
      driver.dialect.name === 'sqlite'
        ? [
            'attempts',
            'max_attempts',
            'releases',
            'losses',
            'priority',
            'concurrency_limit',
            'concurrency_duration_ms',
          ].map((column) => `${column} = 9007199254740993`)
        : ['enqueued_at', 'scheduled_at', 'started_at', 'finished_at', 'recurring_at'].flatMap((column) => [
            `${column} = 'infinity'`,
            `${column} = '4000-01-01 BC'`,
          ])
    for (const set of [...odd, 'priority = 101'])
      await expect(rowsOf(driver, `update ${table(driver, 'jobs')} set ${set} where id = '${id}'`)).rejects.toThrow(
        DatabaseError,
      )

    expect(await work(queue)).toMatchObject({ claimed: 1 })
  })

  test('a result that is no JSON is shown as such', async () => {
    const { queue, driver } = await openQueue(database, { tasks: [failing] })
    const { id } = await queue.enqueue(failing, 1)
    if (driver.dialect.name !== 'sqlite') return
    await rowsOf(driver, `update ${table(driver, 'jobs')} set result = 'x{' where id = '${id}'`)

    expect((await queue.find(id))?.result).toEqual({ unreadable: 'x{' })
  })
}

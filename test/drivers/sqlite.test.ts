import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Result } from '../../src/dialects/query.ts'
import { DatabaseError } from '../../src/index.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate, schemaVersionOf } from '../../src/migrate.ts'
import { databases } from '../support/databases.ts'
import { newFile, newFolder } from '../support/folders.ts'
import { brokenJobs } from '../support/invariants.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf } from '../support/tables.ts'
import { greet } from '../support/tasks.ts'

function open(file: string) {
  const driver = sqlite(file)
  onTestFinished(() => driver.close())
  return driver
}

const send = (driver: ReturnType<typeof sqlite>, ...texts: string[]) =>
  driver.batch(texts.map((sql) => ({ sql, parameters: [] }))).catch((error: unknown) => error as DatabaseError)

const pause = `insert into steadytick_pauses (queue_name, created_at) values ('mail', 1)`

test('each failure is told apart, and a batch that fails has written nothing', async () => {
  const file = newFile()
  const driver = open(file)
  await migrate(driver)
  const other = new DatabaseSync(file)

  expect(await send(driver, pause, 'select nonsense')).toMatchObject({ failure: 'other' })
  expect(await send(driver, pause)).toMatchObject([{ affected: 1 }])
  expect(await send(driver, pause)).toMatchObject({ failure: 'duplicate' })
  other.exec('begin immediate')
  expect(await send(driver, 'select 1')).toMatchObject({ failure: 'retryable' })
  other.exec('rollback')
  expect(await send(driver, 'select 1 as n')).toMatchObject([{ rows: [{ n: 1 }] }])
  other.close()
})

test('a full disk is told to try again, and nothing was written', async () => {
  const driver = open(newFile())
  await migrate(driver)
  const [pages] = (await send(driver, 'pragma page_count')) as readonly Result[]
  await send(driver, `pragma max_page_count = ${String(pages?.rows[0]?.['page_count'])}`)
  const fill = `insert into steadytick_pauses (queue_name, created_at) values (hex(zeroblob(100000)), 1)`

  expect(await send(driver, pause, fill)).toMatchObject({ failure: 'retryable' })
  expect(await send(driver, 'select * from steadytick_pauses')).toMatchObject([{ rows: [] }])
})

test('a file is made with its folder, in WAL, and each commit waits for the disk', async () => {
  const file = join(newFolder(), 'a', 'b', 'queue.db')

  const results = await send(open(file), 'pragma journal_mode', 'pragma synchronous')

  expect(results).toMatchObject([{ rows: [{ journal_mode: 'wal' }] }, { rows: [{ synchronous: 2 }] }])
})

test('a file that is no database is named', async () => {
  const file = newFile()
  writeFileSync(file, 'This is a text, and no database. '.repeat(10))

  await expect(schemaVersionOf(open(file))).rejects.toThrow(`${file}: file is not a database`)
})

test('a file that cannot be opened is named', () => {
  const file = newFile()
  writeFileSync(file, '')

  expect(() => sqlite(join(file, 'queue.db'))).toThrow(DatabaseError)
  expect(() => sqlite(join(file, 'queue.db'))).toThrow(`${file}/queue.db`)
})

test(':memory: needs no file', async () => {
  const driver = open(':memory:')

  expect(await migrate(driver)).toEqual(['0001_create_jobs.sql'])
  expect(await migrate(driver)).toEqual([])
})

test('statistics of a few rows do not hide rows that are claimed, settled or discarded', async () => {
  const { queue, driver } = await openQueue(databases.sqlite, { workers: { default: { concurrency: 6 } } })
  const enqueue = () =>
    queue.enqueueAll(
      Array.from({ length: 60 }, (_, index) =>
        greet.using({ queue: `q${index % 3}`, priority: (index % 5) - 2 }).call({ name: String(index) }),
      ),
    )
  for (let rows = 4; rows < 8; rows += 1) {
    await queue.enqueueAll(
      greet.using({ queue: 'q0' }),
      Array.from({ length: rows }, () => ({ name: 'few' })),
    )
    await rowsOf(driver, 'analyze')
    const jobs = await enqueue()

    await queue.discardAll({ state: 'ready', ids: jobs.slice(40).map(({ id }) => id) })
    const worked = await queue.work()

    expect([worked.succeeded, await brokenJobs(driver)]).toEqual([rows + 40, []])
    expect(await queue.counts()).toMatchObject({ ready: { count: 0 }, claimed: { count: 0 } })
    await rowsOf(driver, 'delete from sqlite_stat1')
  }
})

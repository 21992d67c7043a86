import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Result } from '../../src/dialects/query.ts'
import { DatabaseError } from '../../src/index.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate, schemaVersionOf } from '../../src/migrate.ts'
import { newFile, newFolder } from '../support/folders.ts'

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

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { dirname, join } from 'node:path'
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
import { manage } from '../../src/manage/index.ts'
import { tick, work } from '../../src/ticks/index.ts'

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

test('a file is made by `migrate` alone, with its folder; it is in WAL, and each commit waits for the disk', async () => {
  const folder = newFolder()
  const file = join(folder, 'a', 'b', 'queue.db')
  const driver = open(file)

  const missing = await send(driver, 'select 1')
  const version = await schemaVersionOf(driver).catch((error: unknown) => error)
  const before = readdirSync(folder)
  await migrate(driver)
  const results = await send(driver, 'pragma journal_mode', 'pragma synchronous')

  for (const error of [missing, version])
    expect(error).toMatchObject({
      failure: 'unreachable',
      message: expect.stringContaining(`${file}: there is no such`),
    })
  expect(before).toEqual([])
  expect(results).toMatchObject([{ rows: [{ journal_mode: 'wal' }] }, { rows: [{ synchronous: 2 }] }])
})

const modeOf = (path: string) => statSync(path).mode & 0o777

test("a folder that is made is its owner's alone, and in no repository nor package; one that was there stays as it is", async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'package.json'), '{ "name": "signup", "version": "1.0.0" }')
  execFileSync('git', ['init', '--quiet'], { cwd: folder })
  mkdirSync(join(folder, 'data'), { mode: 0o755 })

  for (const name of ['.steadytick', 'data']) await migrate(open(join(folder, name, 'queue.db')))
  const added = execFileSync('git', ['add', '--all', '--dry-run'], { cwd: folder, encoding: 'utf8' })
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: folder, encoding: 'utf8' })

  expect([modeOf(join(folder, '.steadytick')), modeOf(join(folder, 'data'))]).toEqual([0o700, 0o755])
  expect(existsSync(join(folder, 'data', '.gitignore'))).toBe(false)
  for (const said of [added, packed]) {
    expect(said).toContain('data/queue.db')
    expect(said).not.toContain('.steadytick')
  }
})

test.each([
  ['removed', (file: string) => rmSync(dirname(file), { recursive: true })],
  ['replaced by a backup', (file: string) => renameSync(`${file}.backup`, file)],
])('a file that is %s while it is open: no batch is acknowledged from then on', async (_, lose) => {
  const file = join(newFolder(), 'data', 'queue.db')
  const { queue, driver } = await openQueue(() => sqlite(file))
  onTestFinished(() => driver.close())
  copyFileSync(file, `${file}.backup`)
  await queue.enqueue(greet, { name: 'before' })
  lose(file)

  const refused = {
    failure: 'unreachable',
    message: expect.stringMatching(/data\/queue\.db: the file was removed or replaced/),
  }
  await expect(queue.enqueue(greet, { name: 'lost' })).rejects.toMatchObject(refused)
  await expect(queue.check()).rejects.toMatchObject(refused)
  await expect(tick(queue)).rejects.toMatchObject(refused)
})

test('a file that is moved while it is open has nothing of what was refused', async () => {
  const file = newFile()
  const { queue } = await openQueue(() => sqlite(file))
  await queue.enqueue(greet, { name: 'before' })
  for (const end of ['', '-wal', '-shm']) renameSync(file + end, `${file}.moved${end}`)

  await expect(queue.enqueue(greet, { name: 'refused' })).rejects.toThrow(DatabaseError)

  expect(await rowsOf(open(`${file}.moved`), 'select payload from steadytick_jobs')).toEqual([
    { payload: '{"name":"before"}' },
  ])
})

test('a file that is no database is named', async () => {
  const file = newFile()
  writeFileSync(file, 'This is a text, and no database. '.repeat(10))

  await expect(schemaVersionOf(open(file))).rejects.toThrow(`${file}: file is not a database`)
})

test('a file that cannot be opened or made is named', async () => {
  const file = newFile()
  writeFileSync(file, '')
  const driver = open(join(file, 'queue.db'))

  expect(await send(driver, 'select 1')).toMatchObject({ failure: 'unreachable' })
  await expect(migrate(driver)).rejects.toThrow(`${file}/queue.db`)
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

    await manage(queue).jobs.discardAll({ state: 'ready', ids: jobs.slice(40).map(({ id }) => id) })
    const worked = await work(queue)

    expect([worked.succeeded, await brokenJobs(driver)]).toEqual([rows + 40, []])
    expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: 0 }, claimed: { count: 0 } })
    await rowsOf(driver, 'delete from sqlite_stat1')
  }
})

import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { configOf } from '../support/config-file.ts'
import { newFolder } from '../support/folders.ts'
import { newRole } from '../support/roles.ts'
import { startSteadytick, steadytick } from '../support/steadytick.ts'

const greet = `task('greet', { run: () => 'Hello' })`

/** Commands in a folder of their own, with a config whose queue has this `connect`. */
function commandsIn(connect: string, ofConfig?: string) {
  const folder = newFolder()
  const config = configOf(greet, {
    queue: `connect: ${connect}`,
    ...(ofConfig === undefined ? {} : { connect: ofConfig }),
  })
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    steadytick([...args, '--config', config], env, '', folder)
  return { folder, run }
}

test('commands use the `connect` of the queue, whatever DATABASE_URL is, and say so', async () => {
  const { folder, run } = commandsIn(`(env) => ({ driver: sqlite(env.QUEUE_FILE, { prefix: 'own_' }) })`)
  const env = { QUEUE_FILE: 'own.db', DATABASE_URL: 'file:named.db' }

  const migrated = await run(['migrate'], env)
  const enqueued = await run(['enqueue', 'greet'], env)
  const checked = await run(['check'], env)

  expect([migrated.code, migrated.stdout]).toEqual([
    0,
    expect.stringMatching(/SQLite \/.*\/own\.db \(by the `connect` of defineQueue\(\)\) is ready/),
  ])
  expect(enqueued.code).toBe(0)
  expect(checked.stdout).toMatch(/database: SQLite \/.*\/own\.db \(by the `connect` of defineQueue\(\)\)/)
  expect(readdirSync(folder)).toContain('own.db')
  expect(readdirSync(folder)).not.toContain('named.db')
})

test('the `connect` of the config goes before that of the queue; it may be a promise', async () => {
  const config = commandsIn(
    `() => ({ driver: sqlite('queue.db') })`,
    `(Promise.resolve({ driver: sqlite('config.db') }))`,
  )

  const { stdout } = await config.run(['migrate'])

  expect([stdout, readdirSync(config.folder)]).toEqual([
    expect.stringMatching(/config\.db \(by the `connect` of the config\)/),
    ['config.db'],
  ])
})

test('without a config, `migrate` uses DATABASE_URL; without that, it makes nothing and says what is missing', async () => {
  const folder = newFolder()

  const none = await steadytick(['migrate'], {}, '', folder)
  const made = readdirSync(folder)
  const migrated = await steadytick(['migrate'], { DATABASE_URL: 'file:named.db' }, '', folder)

  expect([none.code, none.stderr, made]).toEqual([
    2,
    expect.stringMatching(/no steadytick\.config\.ts here, and DATABASE_URL is not set/),
    [],
  ])
  expect([migrated.stdout, readdirSync(folder)]).toEqual([
    expect.stringMatching(/SQLite \/.*\/named\.db \(by DATABASE_URL\) is ready/),
    ['named.db'],
  ])
})

test('`migrate --print` makes nothing, and prints what another tool can run', async () => {
  const folder = newFolder()
  const print = (...args: readonly string[]) => steadytick(['migrate', '--print', ...args], {}, '', folder)
  const named = commandsIn(`() => ({ driver: sqlite('.steadytick/queue.db', { prefix: 'own_' }) })`)

  const [ofPostgres, ofSqlite] = [await print('--dialect', 'postgres'), await print('--dialect', 'sqlite')]
  const [all, none] = [
    await print('--dialect', 'sqlite', '--after', '0'),
    await print('--dialect', 'sqlite', '--after', '1'),
  ]
  const ofQueue = await named.run(['migrate', '--print'])
  const aimless = await named.run(['migrate', '--after', '1'])

  const { name, url, administer } = await newRole(inject('postgresUrl'))
  await administer(`create database ${name} owner ${name}`)
  onTestFinished(() => administer(`drop database ${name} with (force)`))
  const address = new URL(url)
  address.pathname = `/${name}`
  const client = new Client(address.href)
  await client.connect()
  await client.query(ofPostgres.stdout)
  const { rows } = await client.query(`select count(*)::int as tables from pg_tables where schemaname = 'steadytick'`)
  await client.end()
  const database = new DatabaseSync(':memory:')
  // As Drizzle's migrator does, which runs the first statement of each part.
  for (const part of ofSqlite.stdout.split('--> statement-breakpoint')) database.prepare(part).run()
  expect(rows).toEqual([{ tables: 15 }])
  expect(
    database
      .prepare(`select count(*) as tables from sqlite_master where name like 'steadytick_%' and type = 'table'`)
      .get(),
  ).toEqual({ tables: 15 })
  expect(database.prepare('select version from steadytick_schema').all()).toEqual([{ version: 1 }])
  expect(all.stdout).toBe(ofSqlite.stdout)
  expect([none.code, none.stdout]).toEqual([3, ''])
  expect(ofQueue.stdout).toBe(ofSqlite.stdout.replaceAll('steadytick_', 'own_'))
  expect([aimless.code, aimless.stderr]).toEqual([2, expect.stringMatching(/Give --print, too/)])
  expect([readdirSync(folder), readdirSync(named.folder)]).toEqual([[], []])
})

test("where `connect` needs a Worker's binding, commands make nothing, and say what to put into the config", async () => {
  const { folder, run } = commandsIn(`(env) => ({ driver: d1(env.DB) })`)

  for (const args of [['migrate'], ['failures'], ['start', '--port', '0'], ['migrate', '--print']]) {
    const { code, stderr } = await run(args, { DATABASE_URL: 'file:named.db' })

    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /defineQueue\(\) gives no connection here: d1\(\).*\nGive the config.*getPlatformProxy.*\n.*sqlite\(/s,
      ),
    ])
  }
  expect(readdirSync(folder)).toEqual([])
})

test('a `connect` that gives no connection is an error that says the way out', async () => {
  const { run } = commandsIn(`({ POSTGRES }) => ({ driver: pg(POSTGRES.replace(' ', '')) })`)

  const { code, stderr } = await run(['queues'])

  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(
      /^UsageError: the `connect` of defineQueue\(\) gives no connection here: .*\nSet what it reads from the environment/,
    ),
  ])
})

test.each([
  ['queues', ['queues']],
  ['jobs', ['jobs']],
  ['enqueue', ['enqueue', 'greet']],
  ['tick', ['tick']],
  ['drain', ['drain']],
  ['check', ['check']],
  ['migrate --status', ['migrate', '--status']],
])('a path that is mistyped is an error of `%s`, which leaves nothing there', async (_, args) => {
  const { folder, run } = commandsIn(`() => ({ driver: sqlite('dtaa/queue.db') })`)

  const { code, stderr } = await run(args)

  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/dtaa\/queue\.db \(by the `connect` of defineQueue\(\)\).*there is no such file/),
  ])
  expect(readdirSync(folder)).toEqual([])
})

test('a file that is removed while `start` has it open: nothing is acknowledged, and it is not ready', async () => {
  const file = join(newFolder(), '.steadytick', 'queue.db')
  const started = await startSteadytick({ DATABASE_URL: `file:${file}` }, ['--config', configOf(greet)])
  onTestFinished(async () => void (await started.stop('SIGKILL')))
  const post = () =>
    fetch(`${started.url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ task: 'greet' }),
    })

  const before = [(await fetch(`${started.url}/healthz`)).status, (await post()).status]
  rmSync(dirname(file), { recursive: true })
  const after = (await post()).status

  expect([before, after]).toEqual([[200, 201], 503])
  // An answer may be five seconds old.
  await vi.waitFor(async () => expect((await fetch(`${started.url}/healthz`)).status).toBe(503), { timeout: 20_000 })
})

test('a Postgres is named without its password', async () => {
  const { stdout } = await steadytick(['check', '--config', configOf(greet)], { DATABASE_URL: inject('postgresUrl') })

  expect(stdout).toMatch(
    /database: Postgres 127\.0\.0\.1:\d+\/postgres \(by the `connect` of defineQueue\(\)\), PostgreSQL/,
  )
})

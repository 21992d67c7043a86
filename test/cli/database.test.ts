import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { configOf } from '../support/config-file.ts'
import { newFolder } from '../support/folders.ts'
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

test('without DATABASE_URL, commands use the `connect` of the queue, and say so', async () => {
  const { folder, run } = commandsIn(`(env) => ({ driver: sqlite(env.QUEUE_FILE, { prefix: 'own_' }) })`)
  const env = { QUEUE_FILE: 'own.db' }

  const migrated = await run(['migrate'], env)
  const enqueued = await run(['enqueue', 'greet'], env)
  const checked = await run(['check'], env)

  expect([migrated.code, migrated.stdout]).toEqual([
    0,
    expect.stringMatching(/sqlite \(by .*defineQueue\(\)\) is ready/),
  ])
  expect(enqueued.code).toBe(0)
  expect(checked.stdout).toMatch(/database: sqlite \(by the `connect` of defineQueue\(\)\)/)
  expect(readdirSync(folder)).toContain('own.db')
})

test('DATABASE_URL goes before the `connect` of the queue, and that of the config before both', async () => {
  const env = { DATABASE_URL: 'file:named.db' }
  const queue = commandsIn(`() => ({ driver: sqlite('queue.db') })`)
  const config = commandsIn(`() => ({ driver: sqlite('queue.db') })`, `{ driver: sqlite('config.db') }`)

  const byUrl = await queue.run(['migrate'], env)
  const byConfig = await config.run(['migrate'], env)

  expect([byUrl.stdout, readdirSync(queue.folder)]).toEqual([
    expect.stringMatching(/SQLite named\.db \(by DATABASE_URL\)/),
    ['named.db'],
  ])
  expect([byConfig.stdout, readdirSync(config.folder)]).toEqual([
    expect.stringMatching(/sqlite \(by the `connect` of the config\)/),
    ['config.db'],
  ])
})

test("where `connect` needs a Worker's binding, commands use SQLite in .steadytick, and say so", async () => {
  const { folder, run } = commandsIn(`(env) => ({ driver: d1(env.DB) })`)

  const migrated = await run(['migrate'])

  expect([migrated.code, migrated.stdout]).toEqual([
    0,
    expect.stringMatching(
      /SQLite \.steadytick\/queue\.db \(since DATABASE_URL is not set, and .* Worker's binding\) is ready/,
    ),
  ])
  expect(readdirSync(folder)).toEqual(['.steadytick'])
})

test('a `connect` that gives no connection is an error that says the way out', async () => {
  const { run } = commandsIn(`({ POSTGRES }) => ({ driver: pg(POSTGRES.replace(' ', '')) })`)

  const { code, stderr } = await run(['queues'])

  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(
      /^UsageError: the `connect` of defineQueue\(\) gives no connection here: .*\n.*DATABASE_URL/i,
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
  const byUrl = commandsIn(`() => ({ driver: sqlite('data/queue.db') })`)

  const mistyped = await byUrl.run(args, { DATABASE_URL: 'file:dtaa/queue.db' })
  const connected = await byUrl.run(args)

  expect([mistyped.code, mistyped.stderr]).toEqual([
    1,
    expect.stringMatching(/dtaa\/queue\.db \(by DATABASE_URL\).*no such/),
  ])
  expect([connected.code, connected.stderr]).toEqual([
    1,
    expect.stringMatching(/data\/queue\.db: there is no such file/),
  ])
  expect(readdirSync(byUrl.folder)).toEqual([])
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

  expect(stdout).toMatch(/database: Postgres [^@]+ \(by DATABASE_URL\), PostgreSQL/)
})

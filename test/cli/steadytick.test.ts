import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { expect, inject, onTestFinished, test } from 'vitest'
import { configOf } from '../support/config-file.ts'
import { newFile, newFolder } from '../support/folders.ts'
import { startPostgres } from '../support/postgres.ts'
import { startReceiver } from '../support/receiver.ts'
import { startSteadytick, startWithNpm, steadytick } from '../support/steadytick.ts'

const newDatabase = () => ({ DATABASE_URL: `file:${newFile()}` })

async function post(url: string, body: unknown): Promise<{ id: string }> {
  const response = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.json<{ id: string }>()
}

const stateOf = async (url: string, id: string) => {
  const response = await fetch(`${url}/api/jobs/${id}`)
  return response.json<Record<string, unknown>>()
}

test('migrate creates the tables, shows what is applied, and prints the SQL', async () => {
  const env = newDatabase()

  writeFileSync(env.DATABASE_URL.slice('file:'.length), '')
  const before = await steadytick(['migrate', '--status'], env)
  const applied = await steadytick(['migrate'], env)
  const again = await steadytick(['migrate'], env)
  const after = await steadytick(['migrate', '--status'], env)
  const printed = await steadytick(['migrate', '--print'], env)

  expect(before.stdout).toMatch(/schema 0\nmissing {2}0001_create_jobs.sql/)
  expect(applied.stdout).toMatch(/applied {2}0001_create_jobs.sql\n.* is ready/)
  expect(again.stdout).toMatch(/up to date/)
  expect(after.stdout).toMatch(/schema 1\napplied {2}0001_create_jobs.sql/)
  expect(printed.stdout).toMatch(/create table steadytick_jobs/)
})

test('check says whether all is fit to work', async () => {
  const env = newDatabase()

  writeFileSync(env.DATABASE_URL.slice('file:'.length), '')
  const before = await steadytick(['check'], env)
  await steadytick(['migrate'], env)
  const after = await steadytick(['check'], env)
  const postgres = await steadytick(['check'], { DATABASE_URL: inject('postgresUrl') })

  expect([before.code, before.stderr]).toEqual([1, expect.stringContaining('steadytick migrate')])
  expect([after.code, after.stdout]).toEqual([0, expect.stringMatching(/ok {2}config: 2 tasks[^]*ok {2}schema: 1/)])
  expect(postgres.stdout).toMatch(/PostgreSQL 18/)
})

test('check says which tasks nobody performs, and a config that does not load says why', async () => {
  const env = newDatabase()
  await steadytick(['migrate'], env)

  const missing = await steadytick(['check', '--config', configOf(`task('orphan')`)], env)
  const broken = await steadytick(['check', '--config', configOf(`task('a b')`)], env)
  const syntax = await steadytick(['check', '--config', configOf(`task(`)], env)
  const recurring = `recurring: { never: { task: task('tidy'), schedule: '0 0 31 2 *' } }`
  const never = await steadytick(['check', '--config', configOf(`task('tidy')`, { queue: recurring })], env)

  expect([missing.code, missing.stderr]).toEqual([
    1,
    'No performer here: orphan. Their jobs would fail; add it to `perform`.\n',
  ])
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringMatching(/name: "a b"; use 1 to 255/)])
  expect([syntax.code, syntax.stderr]).toEqual([
    2,
    expect.stringMatching(/^UsageError: .*steadytick\.config\.ts cannot be loaded: /),
  ])
  expect([never.code, never.stderr]).toEqual([
    2,
    expect.stringContaining('recurring["never"].schedule: "0 0 31 2 *"; there is no such day in these months'),
  ])
})

test('a signal ends what holds jobs, also while the database is away', async () => {
  const { url, stop } = await startPostgres({ durable: false })
  const config = configOf(`task('long', { run: () => new Promise((resolve) => setTimeout(resolve, 1500)) })`)
  const started = await startSteadytick({ DATABASE_URL: url }, ['--config', config])
  const { id } = await post(started.url, { task: 'long' })
  await expect.poll(() => stateOf(started.url, id)).toMatchObject({ state: 'claimed' })
  await stop()

  const begun = Date.now()
  const code = await started.stop('SIGTERM')

  expect(code).toBe(0)
  expect(Date.now() - begun).toBeLessThan(15_000)
})

test('check finds what was changed by hand', async () => {
  const file = newFile()
  const env = { DATABASE_URL: `file:${file}` }
  await steadytick(['migrate'], env)
  const whole = await steadytick(['check', '--invariants'], env)
  const database = new DatabaseSync(file)
  database.exec(
    `insert into steadytick_failed_executions values ('0190a5f0-0000-7000-8000-000000000001', 'x/0', '{}', 0)`,
  )
  database.close()

  const broken = await steadytick(['check', '--invariants'], env)
  const unasked = await steadytick(['check'], env)

  expect([whole.code, whole.stdout]).toEqual([0, expect.stringMatching(/ok {2}jobs: each is in exactly one state\n$/)])
  expect([broken.code, broken.stderr]).toEqual([
    1,
    expect.stringMatching(/^job 0190a5f0-.*: in a state, but there is no such job\nJobs that are not whole: 1/),
  ])
  expect(unasked.code).toBe(0)
})

test('tick runs one pass, and prints its report', async () => {
  const env = newDatabase()
  await steadytick(['migrate'], env)

  const all = await steadytick(['tick'], env)
  const work = await steadytick(['tick', 'work', '--worker', 'default'], env)

  expect(JSON.parse(all.stdout)).toMatchObject({ claimed: 0, more: false })
  expect(JSON.parse(work.stdout)).toMatchObject({ worker: 'default', claimed: 0 })
})

test.each([
  ['a command that is none', ['begin'], {}, /unknown command 'begin'/],
  ['an option that is none', ['start', '--colour'], {}, /unknown option '--colour'/],
  [
    'an actor that is none',
    ['tick', 'perform'],
    {},
    /Allowed choices are tick, dispatch, work, schedule, prune, maintain/,
  ],
  ['an --only that is none', ['start', '--only', 'work,dream'], {}, /"dream" is none of/],
  ['a port that is none', ['start', '--port', '99999'], {}, /0 to 65535/],
  [
    'a database that does not answer',
    ['check'],
    { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/db' },
    /could not be reached/,
  ],
  ['a config that is missing', ['check', '--config', 'nowhere.ts'], {}, /no file nowhere.ts/],
  ['a config that exports nothing', ['check', '--config', 'vitest.config.ts'], {}, /exports no config/],
] as const)('%s: a message that says the way out, and no stack', async (_, args, env, message) => {
  const { code, stderr } = await steadytick(args, { ...newDatabase(), ...env })

  // What the caller can put right is told from what failed.
  expect(code).toBe(/could not be reached/.test(stderr) ? 1 : 2)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/\n {4}at |secret/)
})

test.each([
  ['a database that is none', ['migrate'], { DATABASE_URL: 'oracle://secret@host' }, /"oracle".*postgres/],
  ['a database in the form of libpq', ['migrate'], { DATABASE_URL: 'host=h password=secret' }, /"host".*postgres/],
  ['a file URL with a query', ['migrate'], { DATABASE_URL: 'file:queue.db?authToken=secret' }, /names no file/],
  ['a URL that is none', ['migrate'], { DATABASE_URL: 'postgres://u:s ecret@[/db' }, /no valid URL/],
  ['a file URL without a path', ['migrate'], { DATABASE_URL: 'file:' }, /names no file/],
  ['a file URL with a stray %', ['migrate'], { DATABASE_URL: 'file:%zz?authToken=secret' }, /% is %25/],
] as const)('without a config, %s: a message that says the way out', async (_, args, env, message) => {
  const { code, stderr } = await steadytick(args, env, '', newFolder())

  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/\n {4}at |secret/)
})

test('tick wants tables, and a worker that there is', async () => {
  const env = newDatabase()

  writeFileSync(env.DATABASE_URL.slice('file:'.length), '')
  const unmigrated = await steadytick(['tick', 'work'], env)
  await steadytick(['migrate'], env)
  const unknown = await steadytick(['tick', 'work', '--worker', 'x'], env)

  expect([unmigrated.code, unmigrated.stderr]).toEqual([1, expect.stringMatching(/SQLite .*steadytick migrate/)])
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringMatching(/worker: "x" is not defined; there are default/),
  ])
})

test('start performs what is posted; TERM lets it end, and the database is left in order', async () => {
  const env = newDatabase()
  const receiver = await startReceiver()
  const started = await startSteadytick(env)
  onTestFinished(() => receiver.close())

  const { id } = await post(started.url, { task: 'deliver-webhook', payload: { url: receiver.url, payload: { a: 1 } } })
  await expect.poll(() => stateOf(started.url, id)).toMatchObject({ state: 'finished', result: { status: 200 } })
  const code = await started.stop('SIGTERM')
  const left = await steadytick(['tick'], env)

  expect(code).toBe(0)
  expect(receiver.deliveries).toMatchObject([
    { body: '{"a":1}', headers: { 'webhook-id': id, 'webhook-attempt': '1', 'content-type': 'application/json' } },
  ])
  expect(JSON.parse(left.stdout)).toMatchObject({ claimed: 0, pruned: 0 })
})

test.each([
  ['TERM', ['SIGTERM'], 0, true],
  ['INT from the terminal, which npm hands on once more', ['SIGINT', 'SIGINT'], 100, true],
  ['TERM, and TERM again', ['SIGTERM', 'SIGTERM'], 700, false],
  ['QUIT', ['SIGQUIT'], 0, false],
] as const)('%s: a job that does not end is released, with its attempt', async (_, signals, gap, graceful) => {
  const env = newDatabase()
  const config = configOf(`task('endless', { run: () => new Promise(() => setInterval(() => {}, 1000)) })`)
  const started = await startSteadytick(env, ['--config', config])
  const { id } = await post(started.url, { task: 'endless' })
  await expect.poll(() => stateOf(started.url, id)).toMatchObject({ state: 'claimed' })

  const begun = Date.now()
  await Promise.all(signals.map((signal, i) => setTimeout(i * gap).then(() => started.stop(signal))))
  const took = Date.now() - begun

  const again = await startSteadytick(env, ['--config', config, '--only', 'dispatch'])
  onTestFinished(async () => void (await again.stop('SIGKILL')))
  expect(await stateOf(again.url, id)).toMatchObject({ state: 'ready', attempts: 0 })
  expect(took >= 4900).toBe(graceful)
})

test('TERM to npm, whose shell does not hand it on, lets the job end', async () => {
  const env = newDatabase()
  const config = configOf(`task('short', { run: () => new Promise((resolve) => setTimeout(resolve, 1000)) })`)
  const started = await startWithNpm(env, ['--config', config])
  const { id } = await post(started.url, { task: 'short' })
  await expect.poll(() => stateOf(started.url, id)).toMatchObject({ state: 'claimed' })

  await started.stop('SIGTERM')

  const again = await startSteadytick(env, ['--config', config, '--only', 'dispatch'])
  onTestFinished(async () => void (await again.stop('SIGKILL')))
  expect(await stateOf(again.url, id)).toMatchObject({ state: 'finished', attempts: 1 })
})

test('--only dispatch performs nothing', async () => {
  const receiver = await startReceiver()
  const started = await startSteadytick(newDatabase(), ['--only', 'dispatch'])
  onTestFinished(async () => {
    receiver.close()
    await started.stop('SIGKILL')
  })

  const { id } = await post(started.url, {
    task: 'deliver-webhook',
    runAfter: 50,
    payload: { url: receiver.url, payload: 1 },
  })

  await expect.poll(() => stateOf(started.url, id), { timeout: 5000 }).toMatchObject({ state: 'ready' })
  expect(receiver.deliveries).toEqual([])
})

test('a port that is in use is said to be', async () => {
  const started = await startSteadytick(newDatabase())
  onTestFinished(async () => void (await started.stop('SIGKILL')))

  const { port } = new URL(started.url)

  const second = await steadytick(['start', '--port', port], newDatabase())

  expect([second.code, second.stderr]).toEqual([
    2,
    expect.stringMatching(new RegExp(`Port ${port} .*in use, perhaps by another .steadytick start.*--port.*--no-api`)),
  ])
})

test('--no-api: two beside each other share the jobs, and serve nothing', async () => {
  const env = newDatabase()
  const receiver = await startReceiver()
  const [first, second] = [await startSteadytick(env, ['--no-api']), await startSteadytick(env, ['--no-api'])]
  onTestFinished(async () => {
    receiver.close()
    await first.stop('SIGKILL')
    await second.stop('SIGKILL')
  })

  const payload = JSON.stringify({ url: receiver.url, payload: { a: 1 } })
  await steadytick(['enqueue', 'deliver-webhook', payload], env)

  await expect.poll(() => receiver.deliveries.length, { timeout: 10_000 }).toBe(1)
  expect([first.url, second.url]).toEqual(['', ''])
})

test('--host: beyond loopback the health is shown, and the rest asks for API_TOKEN', async () => {
  const closed = await startSteadytick(newDatabase(), ['--host', '0.0.0.0'])
  const open = await startSteadytick({ ...newDatabase(), API_TOKEN: 'secret' }, ['--host', '0.0.0.0'])
  onTestFinished(async () => {
    await closed.stop('SIGKILL')
    await open.stop('SIGKILL')
  })
  const statusOf = async (started: { url: string }, path: string, headers = {}) =>
    (await fetch(new URL(path, started.url), { headers })).status
  const job = '/api/jobs/01a20ff0-8059-71a8-9400-0004b5841422'

  expect(await statusOf(closed, '/healthz')).toBe(200)
  expect(await statusOf(closed, job)).toBe(503)
  expect(await statusOf(open, job)).toBe(401)
  expect(await statusOf(open, job, { authorization: 'Bearer secret' })).toBe(404)
})

test('an address that is none of this machine is said to be', async () => {
  const { code, stderr } = await steadytick(['start', '--host', '192.0.2.1', '--port', '0'], newDatabase())

  expect([code, stderr]).toEqual([2, expect.stringMatching(/--host 192.0.2.1 .*127.0.0.1/)])
})

test('help names every command, and how the database is named', async () => {
  const { stdout } = await steadytick(['--help'])

  for (const command of ['start', 'tick', 'migrate', 'check', 'run-now', 'completion', 'DATABASE_URL', 'Ends with 0'])
    expect(stdout).toContain(command)
})

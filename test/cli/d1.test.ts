import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { newFolder } from '../support/folders.ts'
import { steadytick } from '../support/steadytick.ts'

const run = promisify(execFile)

/** Runs wrangler to its end, in a folder. Gives what it printed. */
const wrangler = async (folder: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [resolve('node_modules/wrangler/bin/wrangler.js'), ...args], {
    cwd: folder,
    env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' },
  })
  return stdout
}

/** A Worker's project with a D1 database, whose migrations are in `migrations`. */
function newProject(): string {
  const folder = newFolder()
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(folder, 'wrangler.toml'),
    `name = "signup"
    compatibility_date = "2026-11-01"
    [[d1_databases]]
    binding = "DB"
    database_name = "signup"
    database_id = "00000000-0000-0000-0000-000000000000"`,
  )
  writeFileSync(
    join(folder, 'steadytick.config.ts'),
    `import { getPlatformProxy } from 'wrangler'
    import { defineConfig } from '${resolve('src/cli/config.ts')}'
    import { defineQueue, task } from '${resolve('src/index.ts')}'
    import { d1 } from '${resolve('src/drivers/d1.ts')}'
    const fails = task('fails', { run: () => { throw new Error('No such customer') } })
    const jobs = defineQueue({ tasks: [fails], connect: (env) => ({ driver: d1(env.DB) }) })
    export default defineConfig({
      jobs,
      perform: [],
      connect: async () => jobs.connect((await getPlatformProxy({ configPath: process.env.WRANGLER_CONFIG })).env),
    })`,
  )
  mkdirSync(join(folder, 'migrations'))
  return folder
}

test('D1, in the migrations of an application: the printed file is applied among them, and an update prints no more than is new', async () => {
  const folder = newProject()
  const print = (...args: readonly string[]) => steadytick(['migrate', '--print', ...args], {}, '', folder)
  writeFileSync(join(folder, 'migrations', '0001_users.sql'), 'create table users (email text not null);')

  const printed = await print('--dialect', 'sqlite')
  writeFileSync(join(folder, 'migrations', '0002_steadytick.sql'), printed.stdout)
  await wrangler(folder, 'd1', 'migrations', 'apply', 'DB', '--local')
  const status = await steadytick(['migrate', '--status'], {}, '', folder)
  const newer = await print('--dialect', 'sqlite', '--after', '1')

  expect(status.stdout).toBe('D1 (by the `connect` of the config): schema 1\napplied  0001_create_jobs.sql\n')
  expect([newer.code, newer.stdout, newer.stderr]).toEqual([
    3,
    '',
    'There is no migration after 1: this version of steadytick needs none.\n',
  ])
})

let folder: string
beforeAll(() => {
  folder = newProject()
})
const command = (...args: readonly string[]) => steadytick(args, {}, '', folder)

test("D1, by wrangler's bindings: looking, pausing and retrying work, and every command ends", async () => {
  const unmigrated = await command('failures')
  const refused = await command('migrate')
  cpSync('migrations/sqlite', join(folder, 'migrations'), { recursive: true })
  await wrangler(folder, 'd1', 'migrations', 'apply', 'DB', '--local')

  const checked = await command('check')
  await command('enqueue', 'fails')
  const ticked = await command('tick')
  // Wrangler says that it uses this file.
  writeFileSync(join(folder, '.dev.vars'), 'API_TOKEN=secret\n')
  const failed = await command('failures', '--json')
  const paused = await command('pause', 'default')
  const retried = await command('retry', '--all')
  const jobs = await command('jobs', '--json')

  expect([unmigrated.code, unmigrated.stderr]).toEqual([
    1,
    expect.stringMatching(/^SchemaError: D1 has no tables of the queue.*Run `wrangler d1 migrations apply`\.$/m),
  ])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/Run `wrangler d1 migrations apply`/)])
  expect([checked.code, checked.stdout]).toEqual([
    0,
    expect.stringMatching(/ok {2}database: D1 \(by the `connect` of the config\)\nok {2}schema: 1/),
  ])
  expect(JSON.parse(ticked.stdout)).toMatchObject({ claimed: 1, failed: 1 })
  expect(JSON.parse(failed.stdout)).toMatchObject([{ latest: { error: { message: 'No such customer' } } }])
  expect(failed.stderr).toContain('.dev.vars')
  expect([paused.code, retried.code]).toEqual([0, 0])
  expect(JSON.parse(jobs.stdout)).toMatchObject({ counts: { ready: { count: 1 }, failed: { count: 0 } } })
  expect(readdirSync(folder)).not.toContain('.steadytick')
})

test('another wrangler.toml, such as one with a remote binding, is another database', async () => {
  const toml = readFileSync(join(folder, 'wrangler.toml'), 'utf8')
  writeFileSync(join(folder, 'other.toml'), toml.replace('0000-000000000000', '0000-000000000001'))

  const { code, stderr } = await steadytick(['failures'], { WRANGLER_CONFIG: 'other.toml' }, '', folder)

  expect([code, stderr]).toEqual([1, expect.stringMatching(/D1 has no tables/)])
})

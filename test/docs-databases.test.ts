import { execFile, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startSteadytick } from './support/steadytick.ts'
import { compile, newUserFolder } from './support/user-folder.ts'

const run = promisify(execFile)
const page = readFileSync('docs/getting-started.md', 'utf8')
const cli = 'node_modules/steadytick/dist/cli/steadytick.js'
const wranglerCli = resolve('node_modules/wrangler/bin/wrangler.js')

/** The section under a heading, to the next heading of its level. */
const sectionOf = (heading: string) => page.split(/^## /m).find((text) => text.startsWith(heading)) ?? ''

/** The blocks of a language in a text. */
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code as string)

/** Follows sections of the guide: a later file takes the place of an earlier one of its name. */
async function follow(beside: readonly string[], ...sections: readonly string[]): Promise<string> {
  const folder = await newUserFolder(['zod', ...beside])
  for (const code of sections.flatMap((section) => ['ts', 'toml'].flatMap((each) => blocksOf(section, each)))) {
    const file = /^(?:\/\/|#) (\S+\.(?:ts|toml))\n/.exec(code)?.[1]
    if (file !== undefined) writeFileSync(join(folder, file), code)
  }
  return folder
}

/** An empty database, dropped when the test ends. */
async function newDatabase(): Promise<string> {
  const name = `guide_${process.pid}_${Date.now()}`
  const admin = new Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  await admin.query(`create database ${name}`)
  onTestFinished(async () => {
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  })
  return Object.assign(new URL(inject('postgresUrl')), { pathname: name }).href
}

test('the guide, followed on Postgres, performs the job', async () => {
  const onSqlite = sectionOf('On your machine')
  const onPostgres = sectionOf('Postgres')
  const folder = await follow(['pg', '@types/pg'], onSqlite, onPostgres)
  const env = { ...process.env, DATABASE_URL: await newDatabase() }
  const commands = blocksOf(onPostgres, 'sh')[1]?.split('\n') ?? []
  const node = (...args: readonly string[]) => run(process.execPath, args, { cwd: folder, env })

  await compile(folder, { skipLibCheck: true })
  expect(commands.slice(1, 4)).toEqual(['npx steadytick migrate', 'npx steadytick check', 'npx steadytick start'])
  await node(cli, 'migrate')
  const { stdout: checked } = await node(cli, 'check')
  const started = await startSteadytick({ DATABASE_URL: env.DATABASE_URL }, [], folder)
  const { stdout } = await node('sign-up.ts')
  await started.stop('SIGTERM')
  writeFileSync(
    join(folder, 'by-cron.ts'),
    `import { jobs } from './jobs.ts'
    import { sendWelcome } from './tasks.ts'
    import { everyMinute } from './tick.ts'
    await using queue = jobs.open(process.env)
    await queue.enqueue(sendWelcome, { email: 'bob@example.com', name: 'Bob' })
    console.log(JSON.stringify(await everyMinute(60)))`,
  )
  const { stdout: report } = await node('by-cron.ts')

  expect(checked).toMatch(/ok {2}database: .*PostgreSQL/)
  expect(stdout).toBe(blocksOf(onSqlite, 'text')[0])
  expect(JSON.parse(report)).toMatchObject({ claimed: 1, succeeded: 1 })
})

test('the guide, followed on D1, performs the job in wrangler dev', async () => {
  const onD1 = sectionOf('Cloudflare Workers and D1')
  const folder = await follow(['wrangler'], sectionOf('On your machine'), onD1)
  writeFileSync(join(folder, '.dev.vars'), 'API_TOKEN=secret\n')
  const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' }
  const [apply, dev] =
    blocksOf(onD1, 'sh')
      .find((code) => code.includes('wrangler dev'))
      ?.split('\n') ?? []
  expect([apply, dev]).toEqual(['npx wrangler d1 migrations apply DB --local', 'npx wrangler dev'])

  await run(process.execPath, [wranglerCli, 'd1', 'migrations', 'apply', 'DB', '--local'], { cwd: folder, env })
  const developing = spawn(process.execPath, [wranglerCli, 'dev', '--port', '0', '--ip', '127.0.0.1'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    const ended = new Promise((done) => developing.once('exit', done))
    developing.kill('SIGINT')
    await ended
  })
  let url = ''
  for await (const line of createInterface(developing.stdout)) {
    url = /Ready on (http:\S+)/.exec(line)?.[1] ?? ''
    if (url !== '') break
  }
  developing.stdout.resume()
  const commands = blocksOf(onD1, 'sh').find((code) => code.includes('/signup')) ?? ''
  const [signUp = '', scheduled = ''] = commands
    .replaceAll('http://localhost:8787', url)
    .replaceAll('\\\n', ' ')
    .split('\n')

  const { id } = JSON.parse((await run('bash', ['-c', signUp])).stdout) as { id: string }
  await run('bash', ['-c', scheduled])

  const ask = async () => {
    const answer = await fetch(`${url}/api/jobs/${id}`, { headers: { authorization: 'Bearer secret' } })
    return answer.json()
  }
  await expect
    .poll(ask, { timeout: 20_000 })
    .toMatchObject({ state: 'finished', task: 'send-welcome', result: { subject: 'Welcome, Ada!' } })
})

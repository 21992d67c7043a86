import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { newFile } from './support/folders.ts'
import { startReceiver } from './support/receiver.ts'
import { startSteadytick } from './support/steadytick.ts'
import { compile, newUserFolder } from './support/user-folder.ts'

const run = promisify(execFile)
const readme = readFileSync('README.md', 'utf8')

/** The blocks of code under a heading, in order. */
const blocksOf = (heading: string, language: string): string[] => {
  const section = readme.split(/^## /m).find((text) => text.startsWith(heading)) ?? ''
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code as string,
  )
}

test('the five minutes of the README go as written', async () => {
  const receiver = await startReceiver()
  const started = await startSteadytick({
    DATABASE_URL: `file:${newFile()}`,
  })
  onTestFinished(async () => {
    receiver.close()
    await started.stop('SIGTERM')
  })
  const [, post = '', find = ''] = blocksOf('Five minutes', 'sh').map((command) =>
    command.replaceAll('http://127.0.0.1:8787', started.url).replaceAll('http://127.0.0.1:9000', receiver.url),
  )

  const { stdout } = await run('bash', ['-c', post])
  const { id, state } = JSON.parse(stdout) as { id: string; state: string }
  const ask = async () => JSON.parse((await run('bash', ['-c', find.replace('ID', id)])).stdout) as object

  expect(state).toBe('ready')
  const result = readme.match(/^`(\{"imported":.*\})`\.$/m)?.[1] as string
  await expect.poll(ask, { timeout: 20_000 }).toMatchObject({ state: 'finished', result: JSON.parse(result) })
  await expect
    .poll(() => receiver.deliveries.map(({ body }) => body))
    .toEqual(['{"name":"Ada","email":"ada@example.com"}'])
})

test('the queue of the README is one, on the package as it is published', async () => {
  const folder = await newUserFolder()
  for (const code of [...blocksOf('Your own queue', 'ts'), ...blocksOf('Deploy: Cloudflare', 'ts')])
    writeFileSync(join(folder, code.match(/^\/\/ (\S+)/)?.[1] as string), code)
  const started = await startSteadytick({}, [], folder)
  onTestFinished(async () => {
    await started.stop('SIGTERM')
  })

  const { stdout } = await run(process.execPath, ['enqueue.ts'], { cwd: folder })
  await compile(folder)

  expect(stdout).toBe('Hello, Ada!\n')
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['queue.ts', 'steadytick.config.ts', 'enqueue.ts', 'worker.ts', '.steadytick']),
  )
})

test('where the package of a database is not installed, the command line says so', async () => {
  const folder = await newUserFolder()

  const checking = run(process.execPath, ['node_modules/steadytick/dist/cli/steadytick.js', 'migrate'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/db' },
  })

  await expect(checking).rejects.toMatchObject({ stderr: expect.stringMatching(/npm install pg\n$/) })
})

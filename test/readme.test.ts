import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { newFile, newFolder } from './support/folders.ts'
import { startReceiver } from './support/receiver.ts'
import { startSteadytick } from './support/steadytick.ts'

const run = promisify(execFile)
const readme = readFileSync('README.md', 'utf8')

/** The blocks of code under a heading, in order. */
const blocksOf = (heading: string, language: string): string[] => {
  const section = readme.split(/^## /m).find((text) => text.startsWith(heading)) ?? ''
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code as string,
  )
}

/** A folder of a user's, with the package as it is published, and what the user installed beside it. */
async function userFolder(): Promise<string> {
  const folder = newFolder()
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'steadytick'), { recursive: true })
  await run('npm', ['run', 'build'])
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder])
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  await run('tar', ['xzf', join(folder, filename), '--strip-components=1', '-C', join(modules, 'steadytick')])
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'steadytick/package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of [...Object.keys(dependencies), 'typescript', '@types/node']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(resolve('node_modules', name), join(modules, name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
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
  const folder = await userFolder()
  for (const code of [...blocksOf('Your own queue', 'ts'), ...blocksOf('Deploy: Cloudflare', 'ts')])
    writeFileSync(join(folder, code.match(/^\/\/ (\S+)/)?.[1] as string), code)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'esnext',
        module: 'nodenext',
        types: ['node'],
        allowImportingTsExtensions: true,
      },
    }),
  )
  const started = await startSteadytick({}, [], folder)
  onTestFinished(async () => {
    await started.stop('SIGTERM')
  })

  const { stdout } = await run(process.execPath, ['enqueue.ts'], { cwd: folder })
  await run(process.execPath, [resolve('node_modules/typescript/bin/tsc')], { cwd: folder })

  expect(stdout).toBe('Hello, Ada!\n')
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['queue.ts', 'steadytick.config.ts', 'enqueue.ts', 'worker.ts', '.steadytick']),
  )
})

test('where the package of a database is not installed, the command line says so', async () => {
  const folder = await userFolder()

  const checking = run(process.execPath, ['node_modules/steadytick/dist/cli/steadytick.js', 'migrate'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/db' },
  })

  await expect(checking).rejects.toMatchObject({ stderr: expect.stringMatching(/npm install pg\n$/) })
})

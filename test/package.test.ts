import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Ended } from './support/steadytick.ts'
import { blocksOf, linksOf } from './support/pages.ts'
import { compile, newUserFolder } from './support/user-folder.ts'

const run = promisify(execFile)

describe.each([
  ['4.9.0, the oldest that is allowed', 'hono-oldest'],
  ['the newest', 'hono'],
])('with Hono %s', (_, hono) => {
  test.each(['README.md', 'docs/getting-started.md'])('the Worker of %s compiles', async (page) => {
    const folder = await newUserFolder(['zod'], { hono })
    for (const { file, code } of blocksOf(readFileSync(page, 'utf8')))
      if (file !== null) writeFileSync(join(folder, file), code)

    await compile(folder, { files: ['worker.ts'], skipLibCheck: true })
  })
})

test('where Hono is not installed, the command line works without its API, and says what the API takes', async () => {
  const folder = await newUserFolder([], { hono: null })
  writeFileSync(
    join(folder, 'steadytick.config.ts'),
    `import { defineQueue } from 'steadytick'
     import { defineConfig } from 'steadytick/config'
     import { sqlite } from 'steadytick/sqlite'
     const jobs = defineQueue({ tasks: [], connect: () => ({ driver: sqlite('queue.db') }) })
     export default defineConfig({ jobs, perform: [] })`,
  )
  const steadytick = (...args: string[]) =>
    run(process.execPath, ['node_modules/steadytick/dist/cli/steadytick.js', ...args], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: undefined },
    })

  await steadytick('migrate')
  const starting = steadytick('start')

  await expect(starting).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/npm install hono; or .*--no-api/),
  })
})

/** The folder of the package, as npm unpacks it. */
const unpacked = async (): Promise<string> => join(await newUserFolder(), 'node_modules/steadytick')

/** Whether a path that a file of the package names is a file of it, too. */
const leadsTo = (root: string, from: string, path: string): boolean => {
  const target = join(dirname(from), path)
  return !relative(root, target).startsWith('..') && existsSync(target)
}

test('the map of each module and of each declaration leads to its source', async () => {
  const root = await unpacked()
  const files = globSync(['dist/**/*.js', 'dist/**/*.d.ts'], { cwd: root }).map((name) => join(root, name))

  const lost = files.filter((file) => {
    const map = `${file}.map`
    if (!existsSync(map)) return true
    const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] }
    return sources.length === 0 || !sources.every((source) => leadsTo(root, map, source))
  })

  expect(files.length).toBeGreaterThan(300)
  expect(lost).toEqual([])
})

test('each link of its pages leads to a file of the package, or to the web', async () => {
  const root = await unpacked()
  const pages = globSync(['*.md', 'docs/*.md'], { cwd: root })

  const dead = pages.flatMap((page) =>
    linksOf(readFileSync(join(root, page), 'utf8'))
      .filter((link) => !/^(https:|#)/.test(link) && !leadsTo(root, join(root, page), link.replace(/#.*/, '')))
      .map((link) => `${page}: ${link}`),
  )

  expect(pages).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'docs/getting-started.md']))
  expect(dead).toEqual([])
})

describe('the guide on your machine', () => {
  /** The files of the guide, up to Postgres, with the settings of the compiler that it gives. */
  async function guide() {
    const folder = await newUserFolder(['zod'])
    const [page = ''] = readFileSync('docs/getting-started.md', 'utf8').split(/^## Postgres/m)
    for (const { file, language, code } of blocksOf(page))
      if (file !== null || language === 'json') writeFileSync(join(folder, file ?? 'tsconfig.json'), code)
    const node = (...args: string[]): Promise<Ended> =>
      run(process.execPath, args, { cwd: folder, env: { ...process.env, DATABASE_URL: undefined } }).then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
      )
    return {
      folder,
      tsc: (...args: string[]) => node('node_modules/typescript/bin/tsc', ...args),
      steadytick: (...args: string[]) => node('node_modules/steadytick/dist/cli/steadytick.js', ...args),
    }
  }

  test('compiles with its tsconfig.json, and is checked from its sources and compiled', async () => {
    const { tsc, steadytick } = await guide()

    const typed = await tsc('--noEmit')
    await steadytick('migrate')
    const checked = await steadytick('check')
    const compiled = await tsc('--noEmit', 'false', '--outDir', 'dist')
    const checkedCompiled = await steadytick('check', '--config', 'dist/steadytick.config.js')

    expect([typed.stdout, compiled.stdout]).toEqual(['', ''])
    expect([checked.code, checkedCompiled.code]).toEqual([0, 0])
    expect(checkedCompiled.stdout).toBe(checked.stdout)
  })

  test('a task without a performer does not compile', async () => {
    const { folder, tsc } = await guide()
    const config = join(folder, 'steadytick.config.ts')
    writeFileSync(config, readFileSync(config, 'utf8').replace('[performSendWelcome]', '[]'))

    const { code, stdout } = await tsc('--noEmit')

    expect([code, stdout]).toEqual([1, expect.stringMatching(/these tasks have no performer.*send-welcome/)])
  })
})

import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
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

import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { blocksOf } from './support/pages.ts'
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

  await expect(starting).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/npm install hono\n$/) })
})

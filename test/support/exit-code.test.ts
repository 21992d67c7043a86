import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { newFolder } from './folders.ts'

test.each([
  ['passes', 'passes', 1, 0],
  ['fails', 'does not', 2, 1],
] as const)('a run whose test %s ends with its exit code', async (_, name, sum, code) => {
  const folder = newFolder()
  writeFileSync(
    join(folder, 'sum.test.mjs'),
    `import { expect, test } from '${import.meta.resolve('vitest')}'\ntest('${name}', () => expect(1).toBe(${sum}))`,
  )
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { test: { globalSetup: ['${resolve('test/support/postgres.ts')}'] } }`,
  )

  const run = promisify(execFile)(process.execPath, [
    resolve('node_modules/vitest/vitest.mjs'),
    'run',
    '--root',
    folder,
  ])

  expect(
    await run.then(
      () => 0,
      (error: { code: number }) => error.code,
    ),
  ).toBe(code)
})

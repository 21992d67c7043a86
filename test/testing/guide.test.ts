import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { compile, newUserFolder } from '../support/user-folder.ts'

const guide = readFileSync('docs/testing.md', 'utf8')

/** The blocks of code in a language, in order. */
const blocksOf = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code as string)

/** What the guide shows that a failure says. */
const failure = blocksOf('text')[0]?.replace('AssertionError: ', '') as string

let folder: string

/** Runs tests as the guide says; gives the exit code, and all that was printed. */
async function runTests(args: readonly string[]): Promise<{ code: number; printed: string }> {
  // What the runner of this test sets, for itself and for its colours, is not the user's.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_|FORCE_COLOR|TEST$|MODE$|DEV$|PROD$)/.test(name)),
  )
  const { code, stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    env: { ...env, NO_COLOR: '1' },
  }).then(
    (ended) => ({ ...ended, code: 0 }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code, printed: stdout + stderr }
}

beforeAll(async () => {
  folder = await newUserFolder(['vitest', 'jest', '@jest/globals'])
  for (const code of blocksOf('ts')) writeFileSync(join(folder, code.match(/^\/\/ (\S+)/)?.[1] as string), code)
  writeFileSync(join(folder, 'package.json'), blocksOf('json')[0] as string)
})

test('the files of the guide compile', async () => {
  await compile(folder)
})

const vitest = ['node_modules/vitest/vitest.mjs', 'run']
const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']

describe.each([
  ['Vitest', vitest, 'signup.test.ts', /Tests {2}2 passed/, failure],
  ['Hono', vitest, 'app.test.ts', /Tests {2}1 passed/, failure],
  ['Jest', jest, 'remind.test.ts', /Tests: +1 passed/, failure.replace('a job of "signed-up"', '1 job of "remind"')],
  ['node:test', ['--test'], 'register.test.ts', /pass 1\b/, failure],
])('%s', (_, runner, file, passed, message) => {
  test('the test of the guide passes', async () => {
    const { code, printed } = await runTests([...runner, file])

    expect(printed).toMatch(passed)
    expect(code).toBe(0)
  })

  test('a test that expects another job fails, and says what was enqueued', async () => {
    const right = readFileSync(join(folder, file), 'utf8')
    const wrong = right.replace(/(expectEnqueued\(\S+ \{ email: ')ada/, '$1eve')
    writeFileSync(join(folder, `wrong-${file}`), wrong)

    const { code, printed } = await runTests([...runner, `wrong-${file}`])

    expect(printed.replaceAll(/^ +/gm, '')).toContain(message)
    expect(code).toBe(1)
  })
})

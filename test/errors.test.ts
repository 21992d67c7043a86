import { globSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { expect, expectTypeOf, test } from 'vitest'
import {
  DatabaseError,
  type ErrorCode,
  FinalError,
  isSteadytickError,
  type PayloadError,
  type SteadytickError,
  task,
} from '../src/index.ts'
import type * as steadytick from '../src/index.ts'
import { work } from '../src/ticks/index.ts'
import { databases } from './support/databases.ts'
import { openQueue } from './support/open-queue.ts'

const page = readFileSync('docs/errors.md', 'utf8')

/** Each class with a code of its own, and its code. */
const codes = globSync('src/**/*.ts').flatMap((file) =>
  [
    ...readFileSync(file, 'utf8').matchAll(/^export class (\w+Error) extends \w+ \{[^}]*?readonly code = '(\w+)'/gm),
  ].map(([, name, code]) => ({ name, code })),
)

/** Another copy of Steadytick, as another bundle has it: minified. */
async function otherCopy(): Promise<typeof steadytick> {
  const { outputFiles } = await build({
    entryPoints: ['src/index.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire('${import.meta.url}');` },
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.text ?? '').toString('base64')}`) as never
}

test('each error has a code of its own, and the page of errors says it', () => {
  expect(codes.length).toBeGreaterThan(20)
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length)
  const described = [...page.matchAll(/^\| `([A-Z_]+)` +\| `(\w+)` +\|/gm)].map(([, code, name]) => ({ name, code }))
  const inOrder = (list: typeof codes) => list.map(({ name, code }) => `${code} ${name}`).toSorted()
  expect(inOrder(described)).toEqual(inOrder(codes))
})

test('an error of Steadytick is told from others, and by its code', () => {
  const error: unknown = new DatabaseError('other', new Error('no'))

  expect(isSteadytickError(error)).toBe(true)
  expect(isSteadytickError(error, 'DATABASE_FAILED')).toBe(true)
  expect(isSteadytickError(error, 'PAYLOAD_INVALID')).toBe(false)
  for (const other of [new Error('no'), { code: 'DATABASE_FAILED' }, 'DATABASE_FAILED', null, undefined])
    expect(isSteadytickError(other)).toBe(false)
})

test('an error of another copy of Steadytick is one, too', async () => {
  const other = await otherCopy()
  const error: unknown = new other.FinalError('gone')

  expect(error instanceof FinalError).toBe(false)
  expect(isSteadytickError(error, 'JOB_FINAL')).toBe(true)
  expect(other.isSteadytickError(new FinalError('gone'), 'JOB_FINAL')).toBe(true)
})

test('a FinalError of another copy fails the job for good', async () => {
  const other = await otherCopy()
  const gone = task('gone', {
    maxAttempts: 5,
    run: () => {
      throw new other.FinalError('gone')
    },
  })
  const { queue } = await openQueue(databases.sqlite, { tasks: [gone] })
  const { id } = await queue.enqueue(gone)

  await work(queue)

  expect(await queue.find(id)).toMatchObject({ state: 'failed', attempts: 1 })
})

test('a code leads to the class, and to its fields', () => {
  const error: unknown = null

  if (isSteadytickError(error, 'PAYLOAD_INVALID')) expectTypeOf(error).toEqualTypeOf<PayloadError>()
  if (isSteadytickError(error)) expectTypeOf(error).toEqualTypeOf<SteadytickError>()
  expectTypeOf<'JOB_FAILED'>().toExtend<ErrorCode>()
  // @ts-expect-error There is no such code.
  isSteadytickError(error, 'JOB_FIALED')
})

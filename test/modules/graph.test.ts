import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createTestHarness, type TestHarness } from 'wrangler'
import { migrate } from '../../src/migrate.ts'
import { databases } from '../support/databases.ts'

/** Every module that a bundle of this entry point would hold, and what it imports from outside. */
async function modulesOf(entry: string): Promise<{ inputs: string[]; external: string[] }> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    // As bundlers for Workers do: elsewhere, cron-parser can read files.
    platform: 'browser',
    external: ['node:*', 'pg', '@neondatabase/serverless'],
  })
  const inputs = Object.keys(metafile.inputs)
  const external = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external: outside }) => outside).map(({ path }) => path),
  )
  return { inputs, external: [...new Set(external)].toSorted() }
}

const drivers = (inputs: readonly string[]) => inputs.filter((path) => path.startsWith('src/drivers/'))

test.each([
  ['src/index.ts', [], []],
  ['src/ticks/index.ts', [], []],
  ['src/manage/index.ts', [], []],
  ['src/transactions/index.ts', [], []],
  ['src/http/api.ts', [], []],
  ['src/platforms/cloudflare.ts', [], []],
  ['src/drivers/d1.ts', ['src/drivers/d1.ts'], []],
  ['src/drivers/neon.ts', ['src/drivers/neon.ts'], ['@neondatabase/serverless']],
  ['src/drivers/pg.ts', ['src/drivers/pg.ts'], ['pg']],
  [
    'src/drivers/sqlite.ts',
    ['src/drivers/sqlite-file.ts', 'src/drivers/sqlite.ts'],
    ['node:fs', 'node:path', 'node:sqlite'],
  ],
  [
    'src/testing/index.ts',
    ['src/drivers/sqlite-file.ts', 'src/drivers/sqlite.ts'],
    ['node:assert', 'node:fs', 'node:path', 'node:sqlite', 'node:util'],
  ],
])('%s brings no other driver, and only what it needs of Node', async (entry, expectedDrivers, expectedExternal) => {
  const { inputs, external } = await modulesOf(entry)

  expect(drivers(inputs)).toEqual(expectedDrivers)
  expect(external).toEqual(expectedExternal)
})

test('the public API does not bring Hono, and a dialect brings no other', async () => {
  const { inputs } = await modulesOf('src/index.ts')
  const d1 = await modulesOf('src/drivers/d1.ts')

  expect(inputs.filter((path) => /hono|commander|src\/(http|cli|platforms)/.test(path))).toEqual([])
  expect(d1.inputs.filter((path) => path.includes('dialects/postgres'))).toEqual([])
})

/** The files of ours that each source file imports. A bundle holds no types; here an import of types is one, too. */
const importsOf = new Map(
  globSync('src/**/*.ts').map((path) => [
    path,
    [...readFileSync(path, 'utf8').matchAll(/\b(?:from|import)[ (]*'(\..+?)'/g)].map(([, to]) =>
      join(dirname(path), String(to)),
    ),
  ]),
)

/** Every file that an import leads to, at once or by way of others. */
function reachedFrom(path: string): Set<string> {
  const reached = new Set(importsOf.get(path))
  // A set goes on with what is added while it is walked through.
  for (const via of reached) for (const to of importsOf.get(via) ?? []) reached.add(to)
  return reached
}

test('no import leads back to its own file, be it of types alone', () => {
  const paths = [...importsOf.keys()]

  expect(paths.filter((path) => reachedFrom(path).has(path))).toEqual([])
  // All that was read as an import is one, and this file is reached by types alone.
  expect([...reachedFrom('src/index.ts')].filter((path) => !importsOf.has(path))).toEqual([])
  expect(reachedFrom('src/index.ts')).toContain('src/job/nudge.ts')
})

/** A Worker without `node:` modules, in a real workerd. It ends with the test. */
async function startWorker(config: { main: string } & Record<string, unknown>): Promise<TestHarness> {
  const harness = createTestHarness({
    workers: [{ config: { name: 'core', compatibility_date: '2026-11-01', ...config } }],
  })
  onTestFinished(() => harness.close())
  await harness.listen()
  return harness
}

/** The Worker of `d1-worker.ts`, with its tables. */
async function startD1Worker(): Promise<TestHarness> {
  const harness = await startWorker({
    main: 'test/modules/d1-worker.ts',
    d1_databases: [{ binding: 'DB', database_id: 'core', migrations_dir: 'migrations/sqlite' }],
  })
  await harness.getWorker<{ DB: D1Database }>().applyD1Migrations('DB')
  return harness
}

test('in workerd, what a hook of an enqueue returned goes on after the answer', async () => {
  const harness = await startD1Worker()

  const enqueued = await harness.fetch('/enqueue')

  expect(await enqueued.json()).toMatchObject({ state: 'ready' })
  await expect.poll(async () => (await harness.fetch('/reports')).json(), { timeout: 5000 }).toBe(1)
})

test('the core and its D1 driver load and run in workerd, without Node', async () => {
  const harness = await startD1Worker()

  const response = await harness.fetch('/')

  expect(await response.json()).toEqual({
    result: 'Hello, workerd',
    // Ten o'clock there, in summer or in winter time.
    nextRunAt: expect.stringMatching(/T23:(00|30):00\.000Z$/),
  })
})

test('the Neon driver loads and runs in workerd, without Node', async () => {
  const driver = databases.neon({})
  await migrate(driver)
  const harness = await startWorker({
    main: 'test/modules/neon-worker.ts',
    vars: { NEON_URL: inject('neonUrl'), SCHEMA: driver.dialect.schema },
  })

  const response = await harness.fetch('/')

  expect(await response.json()).toEqual({
    result: 'Hello, Neon',
    finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    succeeded: 1,
  })
})

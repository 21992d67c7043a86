import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

/** The package's entry points, by the names that its users import, in the source. */
const entryPoints = Object.entries(JSON.parse(readFileSync('package.json', 'utf8')).exports as object)
  .filter(([, target]) => typeof target === 'object')
  .map(([name, { default: file }]) => [
    name.replace('.', 'steadytick'),
    file.replace('./dist/', `${process.cwd()}/src/`).replace(/js$/, 'ts'),
  ])

/** A Worker as wrangler bundles it, minified: its size as it is stored, and the bytes of each file in it. */
async function bundleOf(code: string): Promise<{ kib: number; bytesOf: (path: RegExp) => number }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    // The longer name first: it begins with the shorter one.
    alias: Object.fromEntries(entryPoints.toReversed()),
  })
  const [output] = Object.values(metafile.outputs)
  const files = Object.entries(output?.inputs ?? {})
  return {
    kib: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1024,
    bytesOf: (path) =>
      files.filter(([name]) => path.test(name)).reduce((bytes, [, { bytesInOutput }]) => bytes + bytesInOutput, 0),
  }
}

test('a handler that only enqueues on D1 carries nothing of ticks, of management and of schedules', async () => {
  const { kib, bytesOf } = await bundleOf(`
    import { defineQueue, task } from 'steadytick'
    import { d1, type D1Binding } from 'steadytick/d1'
    const report = task('report')
    const jobs = defineQueue({
      tasks: [report],
      recurring: { daily: { task: report, schedule: '@daily', payload: null } },
      connect: (env: { DB: D1Binding }) => ({ driver: d1(env.DB) }),
    })
    export default {
      fetch: async (_: Request, env: { DB: D1Binding }, ctx: ExecutionContext) =>
        Response.json(await jobs.open(env, ctx).enqueue(report, 'today')),
    }`)

  expect(kib).toBeLessThan(58)
  expect(bytesOf(/^src\/(ticks|manage|http|cli)\/|node_modules\/(cron-parser|luxon|hono)\//)).toBe(0)
  // So the pattern is not wrong for another reason.
  expect(bytesOf(/^src\/enqueuing\//)).toBeGreaterThan(1000)
})

test("README's Worker stays small", async () => {
  const [, worker = ''] = /^```ts\n(\/\/ worker\.ts\n[^]*?)^```/m.exec(readFileSync('README.md', 'utf8')) ?? []

  const { kib, bytesOf } = await bundleOf(worker)

  expect(kib).toBeLessThan(105)
  expect(bytesOf(/^src\/(manage|http|cli)\//)).toBe(0)
  expect(bytesOf(/^src\/ticks\//)).toBeGreaterThan(1000)
})

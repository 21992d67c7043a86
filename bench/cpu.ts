/**
 * The CPU time of this library in workerd, in milliseconds. A Worker's own clock stands still while it computes, so the
 * time on CPU of workerd's threads is read, which Linux counts. The answers of the database were recorded, and are given
 * back in the isolate. Medians of fresh processes (cold), and of repetitions in one (warm).
 *
 * `node bench/cpu.ts [processes]`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createTestHarness, type TestHarness } from 'wrangler'
import type { Driver } from '../src/dialects/driver.ts'
import type { Result } from '../src/dialects/query.ts'
import { sqlite } from '../src/drivers/sqlite.ts'
import { defineQueue, task } from '../src/index.ts'
import { migrate } from '../src/migrate.ts'
import { tick } from '../src/ticks/index.ts'

const processes = Number(process.argv[2] ?? 5)
const repetitions = 50

const folder = mkdtempSync(join(tmpdir(), 'steadytick-'))
const trivial = join(folder, 'trivial-worker.ts')
writeFileSync(trivial, `export default { fetch: () => new Response('0') }`)

/** What the database answers to each piece of work. */
async function record(): Promise<Record<'enqueue' | 'idle tick' | 'tick of ten jobs', Result[][]>> {
  const driver = sqlite(':memory:')
  await migrate(driver)
  let answers: Result[][] = []
  const recording: Driver = {
    ...driver,
    async batch(statements, options) {
      const results = await driver.batch(statements, options)
      answers.push([...results])
      return results
    },
  }
  const report = task('report', { run: ({ name }: { name: string }) => `Hello, ${name}` })
  await using queue = defineQueue({
    tasks: [report],
    recurring: { hourly: { task: report, payload: { name: 'hourly' }, schedule: '0 * * * *' } },
    connect: () => ({ driver: recording }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  }).open()
  const answersOf = async (work: () => Promise<unknown>) => {
    answers = []
    await work()
    return answers
  }
  // The first tick of a deployment writes its recurring tasks.
  await tick(queue)
  await tick(queue)
  const enqueue = await answersOf(() => queue.enqueue(report, { name: 'Ada' }))
  await queue.enqueueAll(
    report,
    Array.from({ length: 9 }, () => ({ name: 'Bob' })),
  )
  const ten = await answersOf(() => tick(queue))
  return { enqueue, 'idle tick': await answersOf(() => tick(queue)), 'tick of ten jobs': ten }
}

const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of a process, in parentheses, may hold anything.
        const [, rest = ''] = /\) \S+ (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
        return Number(rest) === parent ? [Number(name), ...childrenOf(Number(name))] : []
      } catch {
        return []
      }
    })

/** The time on CPU of all threads of this process's workerd, in ms. */
function cpuMs(): number {
  const pids = childrenOf(process.pid).filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd')
  let ns = 0
  for (const pid of pids)
    for (const thread of readdirSync(`/proc/${pid}/task`))
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  return ns / 1e6
}

async function withWorker<T>(main: string, use: (harness: TestHarness) => Promise<T>): Promise<T> {
  const config = { name: 'cpu', main, compatibility_date: '2026-11-01' }
  const harness = createTestHarness({ workers: [{ config }] })
  try {
    await harness.listen()
    await ask(harness, '/')
    return await use(harness)
  } finally {
    await harness.close()
  }
}

async function ask(harness: TestHarness, path: string, body?: unknown): Promise<void> {
  const response = await harness.fetch(path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })
  await response.text()
}

const costOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = cpuMs()
  await work()
  return cpuMs() - before
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const times = async (count: number, work: () => Promise<number>): Promise<number> => {
  const costs: number[] = []
  for (let done = 0; done < count; done += 1) costs.push(await work())
  return median(costs)
}

try {
  const worker = resolve('bench/cpu-worker.ts')
  // Before this, the Worker has answered one request.
  const start = async (main: string) => times(processes, () => withWorker(main, async () => cpuMs()))
  const request = await times(processes, () =>
    withWorker(trivial, (harness) => times(repetitions, () => costOf(() => ask(harness, '/')))),
  )
  const table: Record<string, Record<string, number | string>> = {
    'script start, over a trivial Worker': { cold: ((await start(worker)) - (await start(trivial))).toFixed(1) },
  }
  for (const [name, answers] of Object.entries(await record())) {
    const path = name === 'enqueue' ? '/enqueue' : '/tick'
    const once = (harness: TestHarness) => async () => {
      await ask(harness, '/answers', answers)
      return costOf(() => ask(harness, path))
    }
    const cold = await times(processes, () => withWorker(worker, (harness) => once(harness)()))
    const warm = await times(1, () => withWorker(worker, (harness) => times(repetitions, once(harness))))
    table[name] = { cold: (cold - request).toFixed(1), warm: (warm - request).toFixed(2) }
  }
  console.log(`a trivial request, not counted below: ${request.toFixed(2)} ms`)
  console.table(table)
} finally {
  rmSync(folder, { recursive: true })
}

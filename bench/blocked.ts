/**
 * What it costs to perform a job of a key that thousands wait for: 10,000 jobs of one key are drained, a hundred at a time
 * as the key allows, beside as many that have no key; milliseconds a job, in the first, middle and last tenth.
 *
 * `node bench/blocked.ts [jobs]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Driver } from '../src/dialects/driver.ts'
import { pg } from '../src/drivers/pg.ts'
import { sqlite } from '../src/drivers/sqlite.ts'
import { defineQueue, type Queue, task } from '../src/index.ts'
import { migrate } from '../src/migrate.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { work } from '../src/ticks/index.ts'

const total = Number(process.argv[2] ?? 10_000)
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** When each job was performed. */
let performed: number[] = []
const run = () => {
  performed.push(performance.now())
}
const kinds = {
  'one key, limit 100': task('limited', { run, concurrency: { key: 'hot', limit: 100 } }),
  'one key, limit 1': task('alone', { run, concurrency: { key: 'hot' } }),
  'no key': task('free', { run }),
}

/** Milliseconds a job in the given tenth. */
function costIn(tenth: number): number {
  const size = performed.length / 10
  const of = performed.slice(Math.floor(tenth * size), Math.floor((tenth + 1) * size))
  return ((of.at(-1) as number) - (of[0] as number)) / (of.length - 1)
}

async function drain(queue: Queue, name: keyof typeof kinds): Promise<Record<string, string>> {
  for (let left = total; left > 0; left -= 1000)
    await queue.enqueueAll(Array.from({ length: Math.min(left, 1000) }, () => kinds[name].call()))
  performed = []
  while (performed.length < total) await work(queue, { deadline: new Date(Date.now() + 60_000) })
  const tenths = { first: 0, middle: 5, last: 9 }
  return Object.fromEntries(Object.entries(tenths).map(([tenth, at]) => [`${tenth} tenth`, costIn(at).toFixed(3)]))
}

async function measure(driver: Driver): Promise<Record<string, Record<string, string>>> {
  await migrate(driver)
  const queue = defineQueue({
    tasks: Object.values(kinds),
    connect: () => ({ driver }),
    logger: silent,
    workers: { default: { concurrency: 100 } },
  }).open()
  const measured: Record<string, Record<string, string>> = {}
  for (const name of Object.keys(kinds) as (keyof typeof kinds)[]) measured[name] = await drain(queue, name)
  await driver.close()
  return measured
}

const folder = mkdtempSync(join(tmpdir(), 'steadytick-'))
const { url, stop } = await startPostgres({ durable: true })
try {
  console.log(`milliseconds a job, of ${total.toLocaleString('en')} jobs each`)
  for (const driver of [sqlite(join(folder, 'queue.db')), pg(url)]) {
    console.log(driver.dialect.name)
    console.table(await measure(driver))
  }
} finally {
  await stop()
  rmSync(folder, { recursive: true })
}

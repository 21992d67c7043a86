/**
 * What it costs to look: milliseconds a call, on tables with 1,000,000 finished, 100,000 ready, 20,000 scheduled and
 * 10,000 failed jobs, on Postgres and on SQLite; beside it what one would write by hand, a plain count and an OFFSET.
 *
 * `node bench/inspection.ts [finished]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Driver } from '../src/dialects/driver.ts'
import { pg } from '../src/drivers/pg.ts'
import { sqlite } from '../src/drivers/sqlite.ts'
import { defineQueue, type Queue } from '../src/index.ts'
import { migrate } from '../src/migrate.ts'
import { fill, firstOf, jobId } from '../test/plans/fill.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { manage } from '../src/manage/index.ts'

const counts = {
  finished: Number(process.argv[2] ?? 1_000_000),
  failed: 10_000,
  claimed: 40,
  ready: 100_000,
  scheduled: 20_000,
  blocked: 0,
}
const first = firstOf(counts)
const times = 21

const looks: Record<string, (queue: Queue) => PromiseLike<unknown>> = {
  'counts()': (queue) => manage(queue).jobs.counts(),
  'queues()': (queue) => manage(queue).queues.list(),
  'failures()': (queue) => manage(queue).jobs.failures(),
  'invocations()': (queue) => manage(queue).invocations.list(),
  'list of ready': (queue) => manage(queue).jobs.list({ state: 'ready' }),
  'list of ready, of a queue': (queue) => manage(queue).jobs.list({ state: 'ready', queue: 'mail' }),
  'list of scheduled': (queue) => manage(queue).jobs.list({ state: 'scheduled' }),
  'list of failed, of a kind': (queue) => manage(queue).jobs.list({ state: 'failed', fingerprint: 'deliver/7' }),
  'list of finished': (queue) => manage(queue).jobs.list({ state: 'finished' }),
  'explain()': (queue) => manage(queue).jobs.explain(jobId(first.ready)),
  'find()': (queue) => queue.find(jobId(0)),
}

const byHand: Record<string, string> = {
  'by hand: count the finished': 'select count(*) from steadytick_jobs where finished_at is not null',
  'by hand: ready, from the 90,000th': `select * from steadytick_ready_executions
    order by queue_name, rank, job_id limit 50 offset 90000`,
}

/** The list that goes on after 90,000 ready jobs. */
async function farList(queue: Queue): Promise<() => PromiseLike<unknown>> {
  let after: string | null = null
  for (let page = 0; page < 90; page += 1)
    ({ next: after } = await manage(queue).jobs.list({ state: 'ready' }, { limit: 1000, after }))
  return () => manage(queue).jobs.list({ state: 'ready' }, { after })
}

async function median(look: () => PromiseLike<unknown>): Promise<number> {
  const took: number[] = []
  await look()
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now()
    await look()
    took.push(performance.now() - begun)
  }
  return took.toSorted((a, b) => a - b)[times >> 1] as number
}

async function measure(driver: Driver, analyze: string): Promise<Record<string, number>> {
  const send = (sql: string) => driver.batch([{ sql, parameters: [] }])
  await migrate(driver)
  for (const sql of [...fill(driver.dialect.name, counts, 'varied'), analyze]) await send(sql)
  const queue = defineQueue({ tasks: [], connect: () => ({ driver }) }).open()
  const measured: Record<string, number> = {}
  for (const [name, look] of Object.entries(looks)) measured[name] = await median(() => look(queue))
  measured['list of ready, from the 90,000th'] = await median(await farList(queue))
  for (const [name, sql] of Object.entries(byHand)) measured[name] = await median(() => send(sql))
  await queue.close()
  return measured
}

const folder = mkdtempSync(join(tmpdir(), 'steadytick-'))
const { url, stop } = await startPostgres({ durable: true })
try {
  const postgres = await measure(
    pg({ connectionString: url, max: 1 }, { schema: 'public', prefix: 'steadytick_' }),
    'vacuum analyze',
  )
  const file = await measure(sqlite(join(folder, 'queue.db')), 'analyze')
  console.log(`milliseconds a call, medians of ${times}, with ${counts.finished.toLocaleString('en')} finished jobs`)
  console.table(
    Object.fromEntries(
      Object.keys(postgres).map((name) => [
        name,
        { Postgres: postgres[name]?.toFixed(2), SQLite: file[name]?.toFixed(2) },
      ]),
    ),
  )
} finally {
  await stop()
  rmSync(folder, { recursive: true })
}

/**
 * What many queues cost: milliseconds a call, with 200,000 ready jobs in 10, 200 and 10,000 queues and with 1,000,000, on
 * Postgres and on SQLite, in one run. The measure of a claim by ranges is the claim of everything beside it.
 *
 * `node bench/many-queues.ts`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Driver } from '../src/dialects/driver.ts'
import { pg } from '../src/drivers/pg.ts'
import { sqlite } from '../src/drivers/sqlite.ts'
import { defineQueue, type Queue } from '../src/index.ts'
import { newId } from '../src/job/job-id.ts'
import { parseQueuePatterns } from '../src/job/queue-patterns.ts'
import { migrate } from '../src/migrate.ts'
import { deploymentOf } from '../src/recurring/deployment.ts'
import { claim } from '../src/transitions/claim.ts'
import { look } from '../src/transitions/look.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { table } from '../test/support/tables.ts'
import { manage } from '../src/manage/index.ts'

const times = 21
const batch = 25
const idleKeys = 500_000
/** Jobs of a small queue among the others. */
const small = 1000

/** Ready jobs and queues. */
const scenes = [
  { jobs: 200_000, queues: 10 },
  { jobs: 200_000, queues: 200 },
  { jobs: 200_000, queues: 10_000 },
  { jobs: 1_000_000, queues: 200 },
] as const

function fill(driver: Driver, { jobs, queues }: (typeof scenes)[number]): string[] {
  const postgres = driver.dialect.name === 'postgres'
  const numbers = (count: number) =>
    postgres
      ? `generate_series(0, ${count - 1}) as numbers(n)`
      : `(with recursive up(n) as (select 0 union all select n + 1 from up where n < ${count - 1}) select n from up) numbers`
  const id = postgres
    ? `('0190a5f0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
    : `printf('0190a5f0-0000-7000-8000-%012x', n)`
  const now = postgres ? 'now()' : `cast(unixepoch('subsec') * 1000 as integer)`
  const batchOfKey = postgres ? 'batch, ' : ''
  return [
    `insert into ${table(driver, 'jobs')} (id, queue_name, task_name, payload, priority, max_attempts, on_lost, enqueued_at, scheduled_at)
      select ${id}, case when n >= ${jobs - small} then 'small' else 'tenant-' || (n % ${queues}) end, 'deliver', ${postgres ? `'{}'::json` : `'{}'`}, 0, 3, 'retry', ${now}, ${now}
      from ${numbers(jobs)}`,
    `insert into ${table(driver, 'ready_executions')} (job_id, queue_name, rank, created_at)
      select id, queue_name, 0, enqueued_at from ${table(driver, 'jobs')}`,
    `insert into ${table(driver, 'semaphores')} (key, ${batchOfKey}concurrency_limit, job_id)
      select 'deliver/' || n, ${postgres ? `${id}, ` : ''}1, ${id} from ${numbers(idleKeys)}`,
  ]
}

/** Claims of one invocation, each of the next jobs. */
function claimer(driver: Driver, names: readonly string[]): () => Promise<unknown> {
  const [invocationId, worker] = [newId(), newId()]
  let number = 0
  return async () => {
    number += 1
    const claiming = claim(driver.dialect, {
      invocationId,
      claim: number,
      first: number === 1,
      worker,
      name: 'bench',
      leaseMs: 3_600_000,
      maxInvocations: 1000,
      max: batch,
      patterns: parseQueuePatterns(names),
    })
    const answers = await driver.batch(claiming.statements)
    if (answers.at(-1)?.rows.length !== batch) throw new Error(`The claim of ${names.join()} did not get ${batch} jobs`)
  }
}

const deployment = deploymentOf([], [])

async function median(call: () => Promise<unknown>): Promise<number> {
  const took: number[] = []
  await call()
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now()
    await call()
    took.push(performance.now() - begun)
  }
  return took.toSorted((a, b) => a - b)[times >> 1] as number
}

async function measure(driver: Driver, scene: (typeof scenes)[number], analyze: string) {
  const send = (sql: string) => driver.batch([{ sql, parameters: [] }])
  await migrate(driver)
  for (const sql of [...fill(driver, scene), analyze]) await send(sql)
  const queue: Queue = defineQueue({ tasks: [], connect: () => ({ driver }) }).open()
  const workers = [{ name: 'default', patterns: parseQueuePatterns(['none', 'tenant-*']) }]
  const lookOnce = () => driver.batch(look(driver.dialect, deployment, workers).statements)

  const measured: Record<string, number> = {}
  measured['claim *'] = await median(claimer(driver, ['*']))
  measured['claim tenant-*'] = await median(claimer(driver, ['tenant-*']))
  await manage(queue).queues.pause('tenant-3')
  measured['claim *, one paused'] = await median(claimer(driver, ['*']))
  measured['look'] = await median(lookOnce)
  measured['queues()'] = await median(async () => manage(queue).queues.list())
  measured['keys()'] = await median(async () => manage(queue).keys.list())
  measured['purge of a small queue'] = await median(async () => {
    const { count } = await manage(queue).queues.purge('small', { limit: batch })
    if (count !== batch) throw new Error(`The purge took ${count} jobs instead of ${batch}`)
  })
  await queue.close()
  return measured
}

const folder = mkdtempSync(join(tmpdir(), 'steadytick-'))
const { url, stop } = await startPostgres({ durable: true })
try {
  console.log(`milliseconds a call, medians of ${times}; claims of ${batch}; ${idleKeys} keys that nothing holds`)
  const shown: Record<string, Record<string, string>> = {}
  for (const [index, scene] of scenes.entries()) {
    const stores = {
      Postgres: await measure(
        pg({ connectionString: url, max: 1 }, { schema: `bench_${index}` }),
        scene,
        'vacuum analyze',
      ),
      SQLite: await measure(sqlite(join(folder, `${index}.db`)), scene, 'analyze'),
    }
    for (const [store, measured] of Object.entries(stores))
      shown[`${store}, ${scene.jobs} in ${scene.queues}`] = Object.fromEntries(
        Object.entries(measured).map(([name, ms]) => [name, ms.toFixed(2)]),
      )
  }
  console.table(shown)
} finally {
  await stop()
  rmSync(folder, { recursive: true })
}

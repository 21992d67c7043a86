/**
 * How many jobs a second, on Postgres: enqueued one by one, in bulk, and performed (no-ops) at batches of 10, 50 and
 * 500, next to pg-boss, graphile-worker, and the same statements sent without the library around them.
 *
 * All in one run on one server, since only the columns of a run compare. `node bench/throughput.ts [jobs]`
 */
import { type JobHelpers, run, Logger as GraphileLogger, makeWorkerUtils } from 'graphile-worker'
import { Pool } from 'pg'
import { PgBoss } from 'pg-boss'
import { postgres } from '../src/dialects/postgres/index.ts'
import { pg } from '../src/drivers/pg.ts'
import { defineQueue, task } from '../src/index.ts'
import { parseQueuePatterns } from '../src/job/queue-patterns.ts'
import { migrate } from '../src/migrate.ts'
import { claim } from '../src/transitions/claim.ts'
import { retire } from '../src/transitions/lease.ts'
import { settle } from '../src/transitions/settle.ts'
import { startPostgres } from '../test/support/postgres.ts'

const jobs = Number(process.argv[2] ?? 20_000)
const clients = 4
const producers = 10
const batchSizes = [10, 50, 500]
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const payload = (index: number) => ({ index, text: 'a payload of some length, as they are' })

/** Jobs a second. */
async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return Math.round(count / ((performance.now() - begun) / 1000))
}

const inParallel = (times: number, work: (index: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))

const noop = task('noop', { run: (_: ReturnType<typeof payload>) => {} })

type Rates = Record<string, number>

async function benchSteadytick(url: string): Promise<Rates> {
  const rates: Rates = {}
  for (const size of batchSizes) {
    const driver = pg({ connectionString: url, max: producers }, { schema: `steadytick_${size}` })
    await migrate(driver)
    const queue = defineQueue({
      tasks: [noop],
      logger: silent,
      workers: { default: { concurrency: size, maxInvocations: 100 } },
      connect: () => ({ driver }),
    }).open({})
    rates['bulk enqueue'] = await rate(jobs, () =>
      queue.enqueueAll(
        noop,
        Array.from({ length: jobs }, (_, i) => payload(i)),
      ),
    )
    rates[`perform ${size}`] = await rate(jobs, () => inParallel(clients, () => queue.work()))
    if (size === batchSizes.at(-1))
      rates['enqueue'] = await rate(jobs / 4, () =>
        inParallel(producers, async (producer) => {
          for (let index = producer; index < jobs / 4; index += producers) await queue.enqueue(noop, payload(index))
        }),
      )
    await driver.close()
  }
  return rates
}

/** The same statements in the same batches, with nothing between them but the ids. */
async function benchRawSql(url: string): Promise<Rates> {
  const rates: Rates = {}
  for (const size of batchSizes) {
    const schema = `raw_${size}`
    const driver = pg(url, { schema })
    await migrate(driver)
    const queue = defineQueue({ tasks: [noop], logger: silent, connect: () => ({ driver }) }).open({})
    await queue.enqueueAll(
      noop,
      Array.from({ length: jobs }, (_, i) => payload(i)),
    )
    await driver.close()

    const dialect = postgres({ schema })
    const pool = new Pool({ connectionString: url, max: clients, pipeline: true })
    const statementsOf = (processId: string, number: number, ids: readonly string[]) => [
      ...(ids.length === 0
        ? []
        : settle(dialect, {
            processId,
            endings: ids.map((id) => ({
              id,
              claim: number - 1,
              kind: 'succeeded',
              result: null,
              resultMeta: null,
              progress: null,
              error: null,
              delayMs: 0,
              spent: true,
              whole: false,
            })),
          }).statements),
      ...claim(dialect, {
        processId,
        claim: number,
        first: number === 1,
        worker: 'default',
        name: 'raw',
        leaseMs: 300_000,
        maxInvocations: 100,
        max: size,
        patterns: parseQueuePatterns(['*']),
      }).statements,
    ]
    rates[`perform ${size}`] = await rate(jobs, () =>
      inParallel(clients, async (index) => {
        const client = await pool.connect()
        const processId = `019b0000-0000-7000-8000-00000000000${index}`
        let ids: readonly string[] = []
        for (let number = 1; ; number += 1) {
          const statements = [
            ...statementsOf(processId, number, ids),
            ...(number === 1 ? [] : retire(dialect, { processId }).statements),
          ]
          const claimAt = statements.length - (number === 1 ? 1 : 2)
          const answers = await Promise.all([
            client.query('begin'),
            ...statements.map(({ sql, parameters }) => client.query(sql, parameters as unknown[])),
            client.query('commit'),
          ])
          ids = (answers[claimAt + 1]?.rows ?? []).map(({ id }: { id: string }) => id)
          if (ids.length === 0) break
        }
        client.release()
      }),
    )
    await pool.end()
  }
  return rates
}

async function benchPgBoss(url: string): Promise<Rates> {
  const rates: Rates = {}
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: producers })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  for (const size of batchSizes) {
    const queue = `noop-${size}`
    await boss.createQueue(queue)
    rates['bulk enqueue'] = await rate(jobs, async () => {
      for (let index = 0; index < jobs; index += 1000)
        await boss.insert(
          queue,
          Array.from({ length: Math.min(1000, jobs - index) }, (_, offset) => ({ data: payload(index + offset) })),
        )
    })
    rates[`perform ${size}`] = await rate(jobs, () =>
      inParallel(clients, async () => {
        for (;;) {
          const batch = await boss.fetch(queue, { batchSize: size })
          if (batch.length === 0) return
          await boss.complete(
            queue,
            batch.map(({ id }) => id),
          )
        }
      }),
    )
    if (size === batchSizes.at(-1))
      rates['enqueue'] = await rate(jobs / 4, () =>
        inParallel(producers, async (producer) => {
          for (let index = producer; index < jobs / 4; index += producers) await boss.send(queue, payload(index))
        }),
      )
  }
  await boss.stop({ graceful: false })
  return rates
}

async function benchGraphileWorker(url: string, tuned: boolean): Promise<Rates> {
  const rates: Rates = {}
  const pool = new Pool({ connectionString: url, max: 26 })
  const logger = new GraphileLogger(() => () => {})
  const schema = tuned ? 'graphile_tuned' : 'graphile_default'
  const utils = await makeWorkerUtils({ pgPool: pool, schema, logger })
  await utils.migrate()
  const count = tuned ? jobs : jobs / 4
  rates['bulk enqueue'] = await rate(count, async () => {
    for (let index = 0; index < count; index += 1000)
      await utils.addJobs(
        Array.from({ length: Math.min(1000, count - index) }, (_, offset) => ({
          identifier: 'noop',
          payload: payload(index + offset),
        })),
      )
  })
  let left = count
  const done = Promise.withResolvers<void>()
  rates['perform'] = await rate(count, async () => {
    const runner = await run({
      pgPool: pool,
      schema,
      logger,
      noHandleSignals: true,
      concurrency: 24,
      taskList: {
        noop: async (_: unknown, _helpers: JobHelpers) => {
          left -= 1
          if (left === 0) done.resolve()
        },
      },
      ...(tuned
        ? { preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } } }
        : {}),
    })
    await done.promise
    await runner.stop()
  })
  rates['enqueue'] = await rate(jobs / 4, () =>
    inParallel(producers, async (producer) => {
      for (let index = producer; index < jobs / 4; index += producers) await utils.addJob('noop', payload(index))
    }),
  )
  await utils.release()
  await pool.end()
  return rates
}

const { url, stop } = await startPostgres({ durable: true })
try {
  console.log(`${jobs} no-op jobs, ${clients} work ticks at once, ${producers} producers; jobs a second`)
  const results: Record<string, Rates> = {}
  results['steadytick'] = await benchSteadytick(url)
  results['its SQL alone'] = await benchRawSql(url)
  results['pg-boss'] = await benchPgBoss(url)
  results['graphile-worker'] = await benchGraphileWorker(url, false)
  results['graphile-worker, tuned'] = await benchGraphileWorker(url, true)
  const columns = ['enqueue', 'bulk enqueue', ...batchSizes.map((size) => `perform ${size}`), 'perform']
  console.table(
    Object.fromEntries(
      Object.entries(results).map(([name, rates]) => [
        name,
        Object.fromEntries(columns.map((column) => [column, rates[column]])),
      ]),
    ),
  )
} finally {
  await stop()
}

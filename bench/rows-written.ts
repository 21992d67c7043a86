/**
 * Rows written per job on D1, as D1 itself counts them: that is what Cloudflare bills. In a real workerd.
 *
 * `node bench/rows-written.ts`
 */
import { type D1Binding, d1 } from '../src/drivers/d1.ts'
import { defineQueue, FinalError, fixed, task } from '../src/index.ts'
import { migrate } from '../src/migrate.ts'
import { meter } from '../test/support/metered-d1.ts'
import { startWorker } from '../test/support/workerd.ts'
import { manage } from '../src/manage/index.ts'
import { schedule, tick } from '../src/ticks/index.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

const plain = task('plain', { run: () => {} })
const flaky = task('flaky', {
  maxAttempts: 2,
  backoff: fixed(0),
  run: (_: unknown, { attempt }) => {
    if (attempt === 1) throw new Error('not yet')
  },
})
const hopeless = task('hopeless', {
  run: () => {
    throw new FinalError('never')
  },
})

const harness = await startWorker()
try {
  const { DB } = await harness.getWorker<{ DB: D1Binding }>().getEnv()
  const { binding, rows } = meter(DB)
  /** Which the database's clock is ahead. */
  let ahead = 0
  const driver = d1(binding, { clock: () => Date.now() + ahead })
  await migrate(driver)
  const queue = defineQueue({
    tasks: [plain, flaky, hopeless],
    logger: silent,
    workers: { default: { concurrency: 100 } },
    connect: () => ({ driver }),
  }).open()

  /** What a piece of work reads and writes, for each of its jobs. */
  const count = async (jobs: number, work: () => Promise<unknown>) => {
    Object.assign(rows, { read: 0, written: 0 })
    await work()
    return { 'rows written': rows.written / jobs, 'rows read': rows.read / jobs }
  }
  const many = (number: number) => Array.from({ length: number }, () => undefined)

  const table: Record<string, Record<string, number>> = {}
  table['enqueue one'] = await count(1, () => queue.enqueue(plain))
  table['perform one'] = await count(1, () => tick(queue))
  table['enqueue one of 100'] = await count(100, () => queue.enqueueAll(plain, many(100)))
  table['perform one of 100'] = await count(100, () => tick(queue))
  table['a plain job, alone'] = await count(1, async () => {
    await queue.enqueue(plain)
    await tick(queue)
  })
  table['a plain job, one of 100'] = await count(100, async () => {
    await queue.enqueueAll(plain, many(100))
    await tick(queue)
  })
  table['a scheduled job, one of 100'] = await count(100, async () => {
    await queue.enqueueAll(plain.using({ runAfter: 1 }), many(100))
    await new Promise((resolve) => setTimeout(resolve, 5))
    await tick(queue)
  })
  table['a job that fails once, one of 100'] = await count(100, async () => {
    await queue.enqueueAll(flaky, many(100))
    await tick(queue)
    await tick(queue)
  })
  table['a job that fails for good, one of 100'] = await count(100, async () => {
    await queue.enqueueAll(hopeless, many(100))
    await tick(queue)
  })
  for (let index = 0; index < 20; index += 1)
    await manage(queue).recurring.create(`task-${index}`, { task: plain, schedule: '* * * * *' })
  await tick(queue)
  ahead += 60_000
  table['enqueue an occurrence, one of 20'] = await count(20, () => schedule(queue))
  await tick(queue)
  table['an idle tick'] = await count(1, () => tick(queue))
  console.table(table)
} finally {
  await harness.close()
}

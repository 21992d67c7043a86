import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { Pool } from 'pg'
import { type Load, payloads, rate, rateOfEnqueues, type Rates } from '../load.ts'

const logger = new Logger(() => () => {})

/** It takes jobs one at a time, unless tuned: then 500 at a time. So it stands beside those columns. */
export const graphileWorker = (load: Load): Promise<Rates> => bench(load, { tuned: false })
export const graphileWorkerTuned = (load: Load): Promise<Rates> => bench(load, { tuned: true })

async function bench(load: Load, { tuned }: { tuned: boolean }): Promise<Rates> {
  const pool = new Pool({ connectionString: load.url, max: 26 })
  // It warns about a pool without them.
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
  const schema = `graphile_${load.round}_${tuned ? 'tuned' : 'default'}`
  const utils = await makeWorkerUtils({ pgPool: pool, schema, logger })
  await utils.migrate()
  const rates: Rates = {}
  rates['bulk enqueue'] = await rate(load.jobs, () =>
    utils.addJobs(payloads(load).map((job) => ({ identifier: 'noop', payload: job }))),
  )
  let left = load.jobs
  const done = Promise.withResolvers<void>()
  rates[tuned ? 'perform 500' : 'perform 10'] = await rate(load.jobs, async () => {
    const runner = await run({
      pgPool: pool,
      schema,
      logger,
      noHandleSignals: true,
      concurrency: 24,
      taskList: {
        noop: async () => {
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
  rates['enqueue'] = await rateOfEnqueues(load, (index) => utils.addJob('noop', load.payload(index)))
  await utils.release()
  await pool.end()
  return rates
}

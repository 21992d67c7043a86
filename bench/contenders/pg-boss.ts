import { PgBoss } from 'pg-boss'
import {
  batchSizes,
  clients,
  inParallel,
  type Load,
  payloads,
  producers,
  rate,
  rateOfEnqueues,
  type Rates,
} from '../load.ts'

/** By its own batch calls, as fast as it lets: its polling workers wait half a second between batches. */
export async function pgBoss(load: Load): Promise<Rates> {
  const rates: Rates = {}
  const schema = `pgboss_${load.round}`
  const boss = new PgBoss({ connectionString: load.url, schema, supervise: false, schedule: false, max: producers })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  for (const size of batchSizes) {
    const queue = `noop-${size}`
    await boss.createQueue(queue)
    rates['bulk enqueue'] = await rate(load.jobs, () =>
      boss.insert(
        queue,
        payloads(load).map((data) => ({ data })),
      ),
    )
    rates[`perform ${size}`] = await rate(load.jobs, () =>
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
  }
  await boss.createQueue('one-by-one')
  rates['enqueue'] = await rateOfEnqueues(load, (index) => boss.send('one-by-one', load.payload(index)))
  await boss.stop({ graceful: false })
  return rates
}

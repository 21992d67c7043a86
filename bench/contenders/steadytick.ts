import { pg } from '../../src/drivers/pg.ts'
import { defineQueue, task } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import {
  batchSizes,
  clients,
  inParallel,
  type Load,
  type Payload,
  payloads,
  producers,
  rate,
  rateOfEnqueues,
  type Rates,
} from '../load.ts'
import { work } from '../../src/ticks/index.ts'

const noop = task('noop', { run: (_: Payload) => {} })

export async function steadytick(load: Load): Promise<Rates> {
  const rates: Rates = {}
  for (const size of batchSizes) {
    const { queue, close } = await openQueue(load, size)
    rates['bulk enqueue'] = await rate(load.jobs, () => queue.enqueueAll(noop, payloads(load)))
    rates[`perform ${size}`] = await rate(load.jobs, () => inParallel(clients, () => work(queue)))
    await close()
  }
  const { queue, close } = await openQueue(load, 0)
  rates['enqueue'] = await rateOfEnqueues(load, (index) => queue.enqueue(noop, load.payload(index)))
  await close()
  return rates
}

async function openQueue({ url, round }: Load, size: number) {
  const driver = pg({ connectionString: url, max: producers }, { schema: `steadytick_${round}_${size}` })
  await migrate(driver)
  const queue = defineQueue({
    tasks: [noop],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    workers: { default: { concurrency: size || 1, maxInvocations: 100 } },
    connect: () => ({ driver }),
  }).open()
  return { queue, close: () => queue.close() }
}

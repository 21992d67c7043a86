import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, type Hooks, type Queue, task, typed } from '../../src/index.ts'
import type { Handler } from '../../src/job/contract.ts'
import type { WorkerOptions } from '../../src/settings.ts'
import { silent } from '../support/silent.ts'

// The queue of a race. The processes of the SQLite races open it too, so there is no vitest here.

/** A queue on a connection, whose one task does this. */
export function openQueue(
  driver: Driver,
  run: Handler<unknown, unknown> = () => {},
  { worker = {}, on = {}, onLost = 'retry' }: { worker?: WorkerOptions; on?: Hooks; onLost?: 'retry' | 'fail' } = {},
): { queue: Queue; racer: ReturnType<typeof racerOf> } {
  const racer = racerOf(run, onLost)
  const queue = defineQueue({
    tasks: [racer],
    connect: () => ({ driver }),
    workers: { default: worker },
    logger: silent,
    on,
  }).open()
  return { queue, racer }
}

const racerOf = (run: Handler<unknown, unknown>, onLost: 'retry' | 'fail') =>
  task('race', { input: typed<unknown>(), onLost, run })

/** Stores jobs; their ids, sorted. */
export async function enqueue(
  driver: Driver,
  count: number,
  { onLost = 'retry' }: { onLost?: 'retry' | 'fail' } = {},
): Promise<string[]> {
  const { queue, racer } = openQueue(driver, () => {}, { onLost })
  const jobs = await queue.enqueueAll(racer, Array.from({ length: count }, Object))
  return jobs.map(({ id }) => id).sort()
}

import { expect, test } from 'vitest'
import type { Queue } from '../../src/index.ts'
import { manage } from '../../src/manage/index.ts'
import { databases } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'

const calls: Record<string, (queue: Queue, id: string) => Promise<unknown>> = {
  'queue.find': (queue, id) => queue.find(id),
  'queue.result': (queue, id) => queue.result(id),
  'jobs.find': (queue, id) => manage(queue).jobs.find(id),
  'jobs.explain': (queue, id) => manage(queue).jobs.explain(id),
  'jobs.retry': (queue, id) => manage(queue).jobs.retry(id),
  'jobs.runNow': (queue, id) => manage(queue).jobs.runNow(id),
  'jobs.cancel': (queue, id) => manage(queue).jobs.cancel(id),
  'jobs.discard': (queue, id) => manage(queue).jobs.discard(id),
}

test.each(Object.entries(calls))('%s refuses what is no job id, by a code', async (_, call) => {
  const { queue } = await openQueue(databases.sqlite)

  for (const id of ['5', 'order-17', null as never, {} as never])
    await expect(call(queue, id)).rejects.toMatchObject({
      name: 'ArgumentError',
      code: 'ARGUMENT_INVALID',
      message: expect.stringMatching(/ is no job id; it is a UUID, as enqueue\(\) returned it\.$/),
    })
})

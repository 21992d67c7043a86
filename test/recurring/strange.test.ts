import { expect, test } from 'vitest'
import { ConfigurationError, type QueueError } from '../../src/index.ts'
import { databases } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { greet } from '../support/tasks.ts'

const cyclic: unknown[] = []
cyclic.push(cyclic)

test.each([1n, cyclic, { toString: 1 }, JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`), 'a'.repeat(8_000_000)])(
  'whatever is given instead of what is asked for, the error says so in few words (%#)',
  async (value) => {
    const { queue } = await openQueue(databases.sqlite)
    const strange = value as never

    const errors = await Promise.all(
      [
        queue.createRecurring(strange, strange),
        queue.createRecurring('key', { task: strange, schedule: '@daily' }),
        queue.createRecurring('key', {
          task: greet,
          payload: { name: 'Ada' },
          schedule: strange,
          timeZone: strange,
          catchUp: strange,
          queue: strange,
          priority: strange,
        }),
        queue.findRecurring(strange),
        queue.retryAll({ ids: [strange] }),
        queue.retryAll({ queue: strange, enqueuedSince: strange }, { max: strange }),
        queue.list({ state: strange }),
        queue.discardAll({ state: strange }),
        queue.clear({ state: strange, olderThan: strange }),
      ].map((made) =>
        made.then(
          () => null,
          (error: QueueError) => error,
        ),
      ),
    )

    for (const error of errors) {
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error?.message.length).toBeLessThan(2000)
    }
  },
)

import { expect, test } from 'vitest'
import { ConfigurationError, type QueueError } from '../../src/index.ts'
import { databases } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { greet } from '../support/tasks.ts'
import { manage } from '../../src/manage/index.ts'

const cyclic: unknown[] = []
cyclic.push(cyclic)

test.each([1n, cyclic, { toString: 1 }, JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`), 'a'.repeat(8_000_000)])(
  'whatever is given instead of what is asked for, the error says so in few words (%#)',
  async (value) => {
    const { queue } = await openQueue(databases.sqlite)
    const strange = value as never

    const errors = await Promise.all(
      [
        manage(queue).recurring.create(strange, strange),
        manage(queue).recurring.create('key', { task: strange, schedule: '@daily' }),
        manage(queue).recurring.create('key', {
          task: greet,
          payload: { name: 'Ada' },
          schedule: strange,
          timeZone: strange,
          catchUp: strange,
          queue: strange,
          priority: strange,
        }),
        manage(queue).recurring.find(strange),
        manage(queue).jobs.retryAll({ ids: [strange] }),
        manage(queue).jobs.retryAll({ queue: strange, enqueuedSince: strange }, { limit: strange }),
        manage(queue).jobs.list({ state: strange }),
        manage(queue).jobs.discardAll({ state: strange }),
        manage(queue).jobs.clear({ state: strange, olderThan: strange }),
      ].map((made) =>
        made.then(
          () => null,
          (error: unknown) => error as QueueError,
        ),
      ),
    )

    for (const error of errors) {
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error?.message.length).toBeLessThan(2000)
    }
  },
)

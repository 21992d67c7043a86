import { expect, test, vi } from 'vitest'
import { ConfigurationError, defineQueue, task } from '../../src/index.ts'
import { testQueue } from '../../src/testing/index.ts'

// As in workerd, where the module is there and does nothing.
vi.mock('node:sqlite', () => ({
  DatabaseSync: function DatabaseSync() {
    throw new TypeError('Illegal constructor')
  },
}))

test('where node:sqlite does not work, a test queue asks for a driver', async () => {
  const jobs = defineQueue({
    tasks: [task('greet', { run: () => {} })],
    connect: () => {
      throw new Error('A test queue does not connect.')
    },
  })

  const opening = testQueue(jobs)

  await expect(opening).rejects.toThrow(ConfigurationError)
  await expect(opening).rejects.toThrow(
    /node:sqlite, which does not work here \(.*Illegal constructor\); give the driver .* testQueue\(jobs, \{ driver: d1\(env\.DB\) \}\)/,
  )
})

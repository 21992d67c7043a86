import { expect, test, vi } from 'vitest'
import { tick } from '../../src/ticks/index.ts'
import { bounded } from '../../src/ticks/tick-options.ts'
import { databases } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'

test('a deadline is an instant, or a duration from now', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T00:00:00Z') })
  try {
    const instant = new Date('2026-01-01T00:05:00Z')

    expect(bounded({ deadline: instant, linger: true })).toEqual({ deadline: instant, linger: true })
    expect(bounded({ deadline: '90s' })).toEqual({ deadline: new Date('2026-01-01T00:01:30Z') })
    expect(bounded({ deadline: 5000 })).toEqual({ deadline: new Date('2026-01-01T00:00:05Z') })
    expect(bounded({})).toEqual({ deadline: undefined })
  } finally {
    vi.useRealTimers()
  }
})

test.each([new Date(Number.NaN), '5 minutes' as never, -1, null as never])(
  'a tick with the deadline %s does nothing',
  async (deadline) => {
    const { queue } = await openQueue(databases.sqlite)

    await expect(tick(queue, { deadline })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
  },
)

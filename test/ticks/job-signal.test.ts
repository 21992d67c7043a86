import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { task } from '../../src/index.ts'
import { databases } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { work } from '../../src/ticks/index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test.each([{ timeout: undefined }, { timeout: '1m' } as const])(
  'what a job with timeout $timeout leaves on its signal goes with the job, though its invocation lasts',
  async ({ timeout }) => {
    const signals: WeakRef<AbortSignal>[] = []
    const listen = task('listen', {
      ...(timeout ? { timeout } : {}),
      run: (_: unknown, { signal }) => {
        signal.addEventListener('abort', () => {})
        signals.push(new WeakRef(signal))
      },
    })
    const { queue } = await openQueue(databases.sqlite, { tasks: [listen] })
    await queue.enqueueAll(
      listen,
      Array.from({ length: 50 }, () => undefined),
    )
    const stop = new AbortController()
    const working = work(queue, { linger: true, signal: stop.signal })
    await expect.poll(() => signals.length).toBe(50)

    await expect
      .poll(() => {
        collectGarbage()
        return signals.filter((signal) => signal.deref()).length
      })
      .toBe(0)

    stop.abort()
    expect(await working).toMatchObject({ succeeded: 50 })
  },
)

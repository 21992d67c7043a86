import { expect, test, vi } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, task, type Hooks } from '../../src/index.ts'
import { dispatch, prune, tick, work } from '../../src/ticks/index.ts'
import { databases } from '../support/databases.ts'
import { refusing } from '../support/flaky-driver.ts'
import { openQueue, silent } from '../support/open-queue.ts'
import { greet, hopeless } from '../support/tasks.ts'

/** A hook that ends at the test's word, and the event that has passed it. */
function slowHook() {
  const gate = Promise.withResolvers<void>()
  const ended = vi.fn()
  return {
    ended,
    hook: async () => {
      await gate.promise
      ended()
    },
    open: () => gate.resolve(),
  }
}

const hanging = () => new Promise<void>(() => {})

test.each([
  { of: 'tick', act: tick },
  { of: 'work', act: work },
  { of: 'dispatch', act: dispatch },
  { of: 'prune', act: prune },
])('what a hook returns has ended when $of resolves', async ({ act }) => {
  const { hook, ended, open } = slowHook()
  const { queue } = await openQueue(databases.sqlite, { on: { 'tick.finished': hook } })

  const resolved = vi.fn()
  const acting = act(queue).then(resolved)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const early = resolved.mock.calls.length
  open()
  await acting

  expect(early).toBe(0)
  expect(ended).toHaveBeenCalled()
})

test('a tick waits for the hooks of its jobs, and of what these enqueue', async () => {
  const told: string[] = []
  const later = (what: string) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    told.push(what)
  }
  const parent = task('parent', {
    run: async (_: unknown, { queue: within }) => void (await within.enqueue(hopeless, undefined, { runAfter: '1h' })),
  })
  const { queue } = await openQueue(databases.sqlite, {
    tasks: [parent],
    on: { 'job.finished': later('finished'), 'job.failed': later('failed') },
  })
  await queue.enqueue(hopeless)
  await queue.enqueue(parent)
  queue.on('job.enqueued', later('enqueued'))

  await tick(queue)

  expect(told.toSorted()).toEqual(['enqueued', 'failed', 'finished'])
})

test('a tick that fails waits for its hooks, too', async () => {
  const { driver } = await openQueue(databases.sqlite)
  const { hook, ended, open } = slowHook()
  const queue = openOn(refusing(driver, { allowed: 0 }), { 'tick.started': hook })
  setTimeout(open, 30)

  await expect(tick(queue)).rejects.toThrow(/refused/)

  expect(ended).toHaveBeenCalledOnce()
})

test.each([
  { bound: 'the grace', shutdownGrace: '50ms', deadlineMs: 60_000 },
  { bound: 'the deadline', shutdownGrace: '1m', deadlineMs: 1200 },
] as const)(
  'a hook that hangs holds the tick no longer than $bound, and no later tick',
  async ({ shutdownGrace, deadlineMs }) => {
    const logger = { ...silent, warn: vi.fn() }
    const { queue } = await openQueue(databases.sqlite, { logger, shutdownGrace })
    const stop = queue.on('job.finished', hanging)
    await queue.enqueue(greet, { name: 'World' })
    const began = performance.now()

    const report = await tick(queue, { deadline: new Date(Date.now() + deadlineMs) })
    const tookMs = performance.now() - began
    stop()
    const again = performance.now()
    await tick(queue)

    expect(report.succeeded).toBe(1)
    expect(tookMs).toBeLessThan(10_000)
    expect(logger.warn).toHaveBeenCalledExactlyOnceWith(
      { events: ['job.finished'] },
      'Hooks take longer than the tick can wait: what they do may be lost',
    )
    expect(performance.now() - again).toBeLessThan(10_000)
  },
)

test('an enqueue waits for no hook, and hands what it returned to waitUntil', async () => {
  const { driver } = await openQueue(databases.sqlite)
  const { hook, ended, open } = slowHook()
  const kept: Promise<unknown>[] = []
  const ctx = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise) }
  const queue = openOn(driver, { 'job.enqueued': hook }, ctx)

  await queue.enqueue(greet, { name: 'World' })
  const early = ended.mock.calls.length
  open()
  await Promise.all(kept)

  expect([early, kept.length]).toEqual([0, 1])
  expect(ended).toHaveBeenCalledOnce()
})

const openOn = (driver: Driver, on: Hooks, ctx?: { waitUntil(promise: Promise<unknown>): void }) =>
  defineQueue({ tasks: [greet], logger: silent, on, connect: () => ({ driver }) }).open({}, ctx)

import { expect, inject, onTestFinished, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { d1 } from '../../src/drivers/d1.ts'
import { neon } from '../../src/drivers/neon.ts'
import { pg } from '../../src/drivers/pg.ts'
import { task } from '../../src/index.ts'
import { claimBy, processA, processB } from '../support/claims.ts'
import { databases, newSchema } from '../support/databases.ts'
import { counted } from '../support/flaky-driver.ts'
import { meter } from '../support/metered-d1.ts'
import { startNeonGateway } from '../support/neon-gateway.ts'
import { openQueue } from '../support/open-queue.ts'
import { startSlowProxy } from '../support/slow-proxy.ts'
import { careful, greet, hopeless } from '../support/tasks.ts'
import { startD1 } from '../support/workerd.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, maintain, prune, schedule, tick, work } from '../../src/ticks/index.ts'

const minutesMs = 60_000

const one = task('one', { run: () => {}, concurrency: { key: ({ account }: { account: number }) => account } })

/** Opens a queue, and what counts the round trips of an operation. */
const counters = {
  /** At the socket, through a proxy that holds answers back. */
  async pg() {
    const target = new URL(inject('postgresUrl'))
    const proxy = await startSlowProxy({ host: target.hostname, port: Number(target.port) })
    onTestFinished(() => proxy.close())
    const connectionString = `postgres://${target.username}:${target.password}@127.0.0.1:${proxy.port}/postgres`
    const schema = newSchema()
    const opened = await openQueue((options) => pg({ connectionString, max: 1 }, { schema, ...options }), {
      workers: { default: { concurrency: 10 } },
      tasks: [one],
    })
    return { ...opened, count: () => proxy.roundTrips() }
  },
  /** At the HTTP server. */
  async neon() {
    const gateway = await startNeonGateway(inject('postgresUrl'))
    onTestFinished(() => gateway.close())
    const schema = newSchema()
    const opened = await openQueue((options) => neon(gateway.url, { schema, ...options }), {
      workers: { default: { concurrency: 10 } },
      tasks: [one],
    })
    return { ...opened, count: gateway.requests }
  },
  /** SQLite has no socket: a batch is one transaction. */
  async sqlite() {
    let counting: (Driver & { readonly batches: number }) | undefined
    const opened = await openQueue((options) => (counting = counted(databases.sqlite(options))), { tasks: [one] })
    return { ...opened, count: () => counting?.batches ?? 0 }
  },
  /** At the binding, which sends a batch at a time. */
  async d1() {
    const { database, close } = await startD1()
    onTestFinished(close)
    const { binding, batches } = meter(database)
    const opened = await openQueue(({ schema: _, ...options } = {}) => d1(binding, options), { tasks: [one] })
    return { ...opened, count: batches }
  },
}

test.each(Object.entries(counters))('%s: every operation keeps to its budget', async (_, open) => {
  const { queue, driver, advance, count } = await open()
  const spent: Record<string, number> = {}
  const measure = async <T>(name: string, operation: () => Promise<T>): Promise<T> => {
    const before = count()
    const value = await operation()
    spent[name] = count() - before
    return value
  }
  const names = (total: number) => Array.from({ length: total }, (_unused, index) => ({ name: String(index) }))
  await tick(queue)

  await measure('an idle tick', () => tick(queue))
  const { id } = await measure('enqueue one', () => queue.enqueue(greet, { name: 'World' }))
  await measure('find one', () => queue.find(id))
  await measure('enqueue 1,000', () => queue.enqueueAll(careful.using({ queue: 'bulk' }), names(1000)))
  await measure('the first claim of an invocation', () => claimBy(driver, processA, { queues: ['bulk'], max: 50 }))
  advance(60_001)
  await measure('prune 50 jobs', () => prune(queue))
  await measure('work through 951 jobs, ten at a time', () => work(queue))
  await queue.enqueueAll(greet.using({ runAfter: '1m' }), names(499))
  advance(60_001)
  await measure('dispatch 499 due jobs', () => dispatch(queue))
  const failing = await queue.enqueue(hopeless, undefined, { priority: 100 })
  await claimBy(driver, processB, { max: 1, claim: 7 })
  advance(60_001)
  await prune(queue)
  await tick(queue)
  await measure('retry one', () => manage(queue).jobs.retry(failing.id))
  const bulk = await queue.enqueueAll(greet.using({ queue: 'bulk' }), names(1000))
  const ids = bulk.map((job) => job.id)
  await measure('pause a queue', () => manage(queue).queues.pause('bulk'))
  await measure('discard 500 by id', () => manage(queue).jobs.discardAll({ state: 'ready', ids: ids.slice(500) }))
  await measure('explain one', () => manage(queue).jobs.explain(ids[0] as string))
  await measure('cancel one', () => manage(queue).jobs.cancel(ids[0] as string))
  await measure('cancel 499 of a queue', () => manage(queue).jobs.cancelAll({ state: 'ready', queue: 'bulk' }))
  const limitedBulk = one.using({ queue: 'bulk' })
  const accounts = Array.from({ length: 1000 }, (_unused, index) => ({ account: index % 100 }))
  await measure('enqueue 1,000 limited', () => queue.enqueueAll(limitedBulk, accounts))
  await manage(queue).queues.resume('bulk')
  await measure('work through 1,001, ten at a time, limited', () => work(queue))
  await queue.enqueueAll(limitedBulk.using({ runAfter: '1m' }), accounts.slice(0, 499))
  advance(60_001)
  await measure('dispatch 499 limited', () => dispatch(queue))
  await measure('discard 100 that hold a key', () => manage(queue).jobs.discardAll({ state: 'ready', queue: 'bulk' }))
  await manage(queue).jobs.cancelAll({ state: 'ready' })
  await work(queue)
  advance(2 * 86_400_000)
  await measure('repair 100 keys, clear 3,349 finished jobs, and write that it was done', () => maintain(queue))

  await manage(queue).recurring.create('twice', {
    task: greet,
    payload: { name: 'World' },
    schedule: '*/30 * * * *',
    catchUp: 'all',
  })
  await manage(queue).recurring.create('limited', { task: one, payload: { account: 1 }, schedule: '@hourly' })
  advance(minutesMs)
  await tick(queue)
  await measure('an idle tick, with recurring tasks', () => tick(queue))
  await measure('an idle schedule', () => schedule(queue))
  advance(60 * minutesMs)
  await measure('schedule three occurrences', () => schedule(queue))
  await measure('list recurring tasks', async () => manage(queue).recurring.list())
  await tick(queue)
  advance(60 * minutesMs)
  await maintain(queue)
  await measure('enqueue and perform three occurrences, one of them limited', () => tick(queue))

  expect(spent).toEqual({
    'an idle tick': 1,
    'an idle tick, with recurring tasks': 1,
    'an idle schedule': 1,
    // Look, read, and write.
    'schedule three occurrences': 3,
    'list recurring tasks': 1,
    // And dispatch, claim, settle and claim, and what a tick does once in ten minutes: it says that it ran, and looks again.
    'enqueue and perform three occurrences, one of them limited': 8,
    'enqueue one': 1,
    'find one': 1,
    'enqueue 1,000': 1,
    'the first claim of an invocation': 1,
    'prune 50 jobs': 1,
    'work through 951 jobs, ten at a time': 97,
    'dispatch 499 due jobs': 1,
    'retry one': 1,
    'pause a queue': 1,
    'discard 500 by id': 1,
    'explain one': 1,
    'cancel one': 1,
    'cancel 499 of a queue': 2,
    'enqueue 1,000 limited': 1,
    'work through 1,001, ten at a time, limited': 102,
    'dispatch 499 limited': 1,
    'discard 100 that hold a key': 2,
    'repair 100 keys, clear 3,349 finished jobs, and write that it was done': 10,
  })
})

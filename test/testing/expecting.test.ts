import { AssertionError } from 'node:assert'
import { expect, test } from 'vitest'
import { defineQueue, fixed, task } from '../../src/index.ts'
import { testQueue } from '../../src/testing/index.ts'
import { silent } from '../support/open-queue.ts'

const greet = task('greet', { run: ({ name }: { name: string; at?: Date }) => `Hello, ${name}!` })
const ping = task('ping', { run: () => 'pong' })
const stray = task('stray', { run: () => {} })
const jobs = defineQueue({ tasks: [greet, ping], logger: silent, connect: () => ({ driver: {} as never }) })

const now = new Date('2026-01-01T00:00:00Z')
const id = '01900000-0000-7000-8000-000000000001'

/** What an expectation fails with. */
async function failureOf(expectation: Promise<void>): Promise<AssertionError> {
  const failure: unknown = await expectation.then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(AssertionError)
  return failure as AssertionError
}

test('what was enqueued is found: by its task, part of its payload, and how it was enqueued', async () => {
  const queue = await testQueue(jobs, { now })
  await queue.enqueue(greet, { name: 'Ada', at: now })
  await queue.enqueue(greet, { name: 'Bob' }, { queue: 'low', priority: -10, runAfter: '1m', id })
  await queue.enqueue(ping)

  await queue.expectEnqueued(greet)
  await queue.expectEnqueued(ping)
  await queue.expectEnqueued(greet, { name: 'Ada' })
  await queue.expectEnqueued(greet, { at: now }, { queue: 'default', priority: 0, runAfter: 0, times: 1 })
  await queue.expectEnqueued(greet, undefined, { times: 2 })
  await queue.expectEnqueued(greet, { name: 'Eve' }, { times: 0 })
  await queue.expectEnqueued(greet, { name: 'Bob' }, { queue: 'low', priority: -10, runAfter: '1m', id })
  await queue.expectEnqueued(greet, { name: 'Bob' }, { runAfter: new Date('2026-01-01T00:01:00Z') })
  await queue.expectEnqueued(greet.using({ queue: 'low', runAfter: 60_000 }), { name: 'Bob' })
})

test('what was enqueued is found whatever became of it', async () => {
  const flaky = task('flaky', {
    maxAttempts: 2,
    backoff: fixed('1m'),
    run: () => {
      throw new Error('no')
    },
  })
  const queue = await testQueue(
    defineQueue({ tasks: [flaky], logger: silent, connect: () => ({ driver: {} as never }) }),
  )
  await queue.enqueue(flaky)

  for (const state of ['ready', 'scheduled', 'failed']) {
    expect(await queue.enqueued(flaky)).toMatchObject([{ state }])
    await queue.expectEnqueued(flaky)
    await queue.drain()
    await queue.advance('1m')
  }
})

test('what was enqueued instead is said, and left to be compared', async () => {
  const queue = await testQueue(jobs, { now })
  await queue.enqueue(greet, { name: 'Bob', at: now })
  await queue.enqueue(greet, { name: 'Eve' })

  const failure = await failureOf(queue.expectEnqueued(greet, { name: 'Ada' }))

  expect(failure.message).toBe(
    [
      `Expected a job of "greet" with { payload: { name: 'Ada' } }, but found none. Enqueued:`,
      `- { payload: { name: 'Bob', at: 2026-01-01T00:00:00.000Z } }`,
      `- { payload: { name: 'Eve' } }`,
    ].join('\n'),
  )
  expect(failure.actual).toEqual([{ payload: { name: 'Bob', at: now } }, { payload: { name: 'Eve' } }])
  expect(failure.expected).toEqual([{ payload: { name: 'Ada' } }])
})

test('how a job was enqueued instead is said, as far as it was asked', async () => {
  const queue = await testQueue(jobs, { now })
  await queue.enqueue(greet, { name: 'Ada' }, { queue: 'low', runAfter: '90s' })

  const byTime = await failureOf(queue.expectEnqueued(greet, { name: 'Ada' }, { queue: 'low', runAfter: '1m' }))
  const byInstant = await failureOf(queue.expectEnqueued(greet.using({ runAfter: now })))
  const byPriority = await failureOf(queue.expectEnqueued(greet, undefined, { priority: 5 }))
  const byId = await failureOf(queue.expectEnqueued(greet, undefined, { id }))

  expect(byTime.message).toBe(
    [
      `Expected a job of "greet" with { payload: { name: 'Ada' }, queue: 'low', runAfter: 60000 }, but found none. Enqueued:`,
      `- { payload: { name: 'Ada' }, queue: 'low', runAfter: 90000 }`,
    ].join('\n'),
  )
  expect(byInstant.message).toMatch(
    /with \{ runAfter: 2026-01-01T00:00:00.000Z \},[^]*\n- .*, runAfter: 2026-01-01T00:01:30.000Z \}$/,
  )
  expect(byPriority.message).toMatch(/with \{ priority: 5 \},[^]*\n- \{ payload: \{ name: 'Ada' \}, priority: 0 \}$/)
  expect(byId.message).toMatch(/with \{ id: '01900000.*\n- .* id: '/)
})

test('a wrong number is said, with the jobs', async () => {
  const queue = await testQueue(jobs)
  await queue.enqueueAll(greet, [{ name: 'Ada' }, { name: 'Bob' }])

  const tooFew = await failureOf(queue.expectEnqueued(greet, { name: 'Ada' }, { times: 2 }))
  const tooMany = await failureOf(queue.expectEnqueued(greet, undefined, { times: 1 }))
  const any = await failureOf(queue.expectEnqueued(greet, { name: 'Ada' }, { times: 0 }))

  expect(tooFew.message).toBe(
    `Expected 2 jobs of "greet" with { payload: { name: 'Ada' } }, but found 1. Enqueued:\n- { payload: { name: 'Ada' } }\n- { payload: { name: 'Bob' } }`,
  )
  expect([tooFew.actual, tooFew.expected]).toEqual([1, 2])
  expect(tooMany.message).toMatch(/^Expected 1 job of "greet", but found 2\. /)
  expect(any.message).toBe(
    `Expected no job of "greet" with { payload: { name: 'Ada' } }, but found 1. Enqueued:\n- { payload: { name: 'Ada' } }`,
  )
  expect([any.actual, any.expected]).toEqual([[{ payload: { name: 'Ada' } }], []])
})

test('where there is no job of the task, those of other tasks are counted', async () => {
  const queue = await testQueue(jobs)

  const empty = await failureOf(queue.expectEnqueued(greet))
  await queue.enqueueAll([ping.call(), ping.call()])
  const others = await failureOf(queue.expectEnqueued(greet))

  expect(empty.message).toBe('Expected a job of "greet", but found none. Nothing was enqueued.')
  expect(others.message).toBe('Expected a job of "greet", but found none. Enqueued of other tasks: 2 of "ping".')
})

test('that nothing was enqueued is expected of a task, or of all', async () => {
  const queue = await testQueue(jobs)
  await queue.expectNothingEnqueued()

  await queue.enqueue(greet, { name: 'Ada' })
  await queue.drain()
  await queue.expectNothingEnqueued(ping)
  const ofGreet = await failureOf(queue.expectNothingEnqueued(greet))
  const ofAll = await failureOf(queue.expectNothingEnqueued())

  expect(ofGreet.message).toBe(`Expected no job of "greet", but found 1. Enqueued:\n- { payload: { name: 'Ada' } }`)
  expect(ofAll.message).toBe(`Expected no job, but found 1. Enqueued:\n- { task: 'greet', payload: { name: 'Ada' } }`)
})

test('of many jobs the first ten are listed', async () => {
  const queue = await testQueue(jobs)
  await queue.enqueueAll(
    greet,
    Array.from({ length: 1200 }, (_, index) => ({ name: `${index}` })),
  )

  const { message, actual } = await failureOf(queue.expectEnqueued(greet, { name: 'Ada' }))

  expect(message.split('\n').slice(-2)).toEqual([`- { payload: { name: '9' } }`, '- … 1190 more'])
  expect(actual).toHaveLength(10)
})

test('the stack of a failure begins where the test expects', async () => {
  const queue = await testQueue(jobs)

  const { stack } = await failureOf(expectGreeting())

  expect(stack?.match(/\n +at (.*)/)?.[1]).toMatch(/expectGreeting.*expecting\.test\.ts/)

  async function expectGreeting(): Promise<void> {
    await queue.expectEnqueued(greet)
  }
})

test('an expectation that could never hold is a mistake, not a failure', async () => {
  const queue = await testQueue(jobs)
  await queue.enqueue(greet, { name: 'Ada' })

  await expect(queue.expectEnqueued(stray)).rejects.toThrow(/Task "stray"/)
  await expect(queue.expectNothingEnqueued(stray)).rejects.toThrow(/Task "stray"/)
  await expect(queue.expectEnqueued(greet, undefined, { times: -1 })).rejects.toThrow(/times: -1; use a whole number/)
  await expect(queue.expectEnqueued(greet, undefined, { priority: 1000 })).rejects.toThrow(/priority: 1000/)
  await expect(queue.expectEnqueued(greet, undefined, { runAfter: 'soon' as never })).rejects.toThrow(/"soon"/)
})

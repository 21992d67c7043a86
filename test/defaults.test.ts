import { expect, test } from 'vitest'
import { ConfigurationError, defineQueue, fixed, task, type TaskDefaults } from '../src/index.ts'
import { manage } from '../src/manage/index.ts'
import { testQueue } from '../src/testing/index.ts'
import { schedule } from '../src/ticks/index.ts'
import { silent } from './support/open-queue.ts'
import { issueText } from '../src/job/issue.ts'

const fails = () => {
  throw new Error('no')
}
const plain = task('plain', { run: fails })
const own = task('own', { queue: 'now', priority: 0, maxAttempts: 1, backoff: fixed('9m'), timeout: '9s', run: fails })

const define = (defaults: TaskDefaults, more = {}) =>
  defineQueue({
    tasks: [plain, own],
    defaults,
    logger: silent,
    connect: () => {
      throw new Error('A test queue has a database of its own.')
    },
    ...more,
  })

const problemsOf = (make: () => unknown): readonly string[] => {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues.map(issueText)
    throw error
  }
  return []
}

const defaults: TaskDefaults = { queue: 'low', priority: 7, maxAttempts: 5, backoff: fixed('2m'), timeout: '1m' }

test('a task has the defaults of its queue where it has no option of its own', () => {
  const { tasks } = define(defaults)

  expect(tasks.get('plain')).toMatchObject({
    queue: 'low',
    priority: 7,
    maxAttempts: 5,
    backoff: defaults.backoff,
    timeoutMs: 60_000,
  })
  expect(tasks.get('own')).toMatchObject({ queue: 'now', priority: 0, maxAttempts: 1, timeoutMs: 9000 })
})

test('what one queue sets leaves the task as it is in another', () => {
  define(defaults)

  expect(define({}).tasks.get('plain')).toMatchObject({
    queue: 'default',
    priority: 0,
    maxAttempts: 1,
    timeoutMs: null,
  })
})

test('jobs are stored, retried and scheduled by the defaults', async () => {
  const queue = await testQueue(define(defaults, { recurring: { hourly: { task: plain, schedule: '@hourly' } } }), {
    now: new Date('2026-01-01T00:30:00Z'),
  })
  const job = await queue.enqueue(plain)
  const urgent = await queue.enqueue(plain, undefined, { queue: 'high', priority: 0 })
  await queue.drain()

  expect(await queue.find(job)).toMatchObject({
    state: 'scheduled',
    queue: 'low',
    priority: 7,
    maxAttempts: 5,
    scheduledAt: new Date('2026-01-01T00:32:00Z'),
  })
  expect(await queue.find(urgent)).toMatchObject({ queue: 'high', priority: 0, maxAttempts: 5 })

  await queue.advance('30m')
  await schedule(queue)

  const { items } = await manage(queue).jobs.list({ state: 'ready' })
  expect(items).toMatchObject([{ queue: 'low', priority: 7 }])
})

test('what is wrong with the defaults is said with the rest', () => {
  const wrong = { queue: '', priority: 101, maxAttempts: 0, backoff: '5m', timeout: 'soon', maxAttempt: 5 } as never

  expect(problemsOf(() => define(wrong)).map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'defaults.maxAttempt',
    'defaults.queue',
    'defaults.priority',
    'defaults.maxAttempts',
    'defaults.backoff',
    'defaults.timeout',
  ])
})

test('a default queue is one that `queues` lists, and a default timeout is within the permit', () => {
  expect(problemsOf(() => define({ queue: 'low' }, { queues: ['now'] }))).toEqual([
    'tasks: "plain" has the queue "low", which `queues` does not list',
  ])
  const limited = task('limited', { concurrency: { key: 'one', duration: '10s' }, run: () => {} })
  expect(problemsOf(() => define({ timeout: '1m' }, { tasks: [limited] }))).toEqual([
    expect.stringMatching(/^tasks: "limited" has a concurrency\.duration of 10s and a timeout of 1m/),
  ])
})

test('what is no task is told by its place', () => {
  expect(problemsOf(() => define({}, { tasks: [plain, plain.perform(fails)] }))).toEqual([
    'tasks: [1] is no task; use what task() gave',
  ])
})

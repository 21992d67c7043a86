import { expect, test } from 'vitest'
import { sqlite } from '../src/drivers/sqlite.ts'
import { ConfigurationError, defineQueue, type Duration, model, task } from '../src/index.ts'
import { readSettings, type SettingsOptions } from '../src/settings.ts'
import { type Issue, issueText } from '../src/job/issue.ts'

function read(options: SettingsOptions) {
  const issues: Issue[] = []
  const settings = readSettings(options, issues)
  return { settings, problems: issues.map(issueText) }
}

test('without options there is one worker of all queues, and the defaults', () => {
  const { settings, problems } = read({})

  expect(problems).toEqual([])
  expect(settings).toEqual({
    workers: new Map([
      [
        'default',
        {
          name: 'default',
          patterns: { entries: [{ kind: 'all' }], warnings: [] },
          concurrency: 10,
          maxInvocations: 10,
          pollIntervalMs: 100,
        },
      ],
    ]),
    dispatchMax: 500,
    heartbeatIntervalMs: 60_000,
    processAliveThresholdMs: 300_000,
    shutdownGraceMs: 5000,
    maintenanceIntervalMs: 600_000,
    defaultConcurrencyDurationMs: 180_000,
    concurrencyMaintenance: true,
    clearFinishedAfterMs: 86_400_000,
    clearFailedAfterMs: null,
    maxPayloadBytes: 1_048_576,
  })
})

test('finished jobs that are not preserved stay a minute, for an enqueue that is sent again', () => {
  expect(read({ preserveFinishedJobs: false, clearFinishedJobsAfter: '2d' }).settings.clearFinishedAfterMs).toBe(60_000)
})

test('all that is wrong is said at once, each with its name and its value', () => {
  const { problems } = read({
    workers: {
      'bad name': {},
      mail: { queues: 'mail' as never, concurrency: 0, maxInvocations: 1.5, pollInterval: '1ms' },
    },
    dispatchMax: -1,
    heartbeatInterval: 'often' as never,
    shutdownGrace: -1,
    clearFinishedJobsAfter: '1s',
    clearFailedJobsAfter: '1s',
    maxPayloadBytes: 0,
  })

  expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'workers',
    'workers.mail.queues',
    'workers.mail.concurrency',
    'workers.mail.maxInvocations',
    'workers.mail.pollInterval',
    'heartbeatInterval',
    'dispatchMax',
    'shutdownGrace',
    'clearFinishedJobsAfter',
    'clearFailedJobsAfter',
    'maxPayloadBytes',
  ])
  expect(problems.join('\n')).toContain('"bad name"')
})

test('a heartbeat that is not often enough for the lease is refused', () => {
  expect(read({ heartbeatInterval: '40s', processAliveThreshold: '1m' }).problems).toEqual([
    expect.stringContaining('one late heartbeat would lose the lease'),
  ])
})

test('a definition says all that is wrong with it at once', () => {
  const greet = task('greet', { queue: 'mail', run: () => {} })
  const thing = model('thing', { is: (value): value is object => value === null, id: () => 1, load: () => null })

  const define = () =>
    defineQueue({
      tasks: [greet, greet],
      queues: ['default', 'b*'],
      models: [thing, thing],
      workers: {},
      connect: undefined as never,
    })

  expect(define).toThrow(ConfigurationError)
  for (const part of [
    '"greet" is listed twice',
    'has the queue "mail", which `queues` does not list',
    '"b*"',
    '"thing" is listed twice',
    'workers: none',
    'connect: give a function',
  ])
    expect(define).toThrow(part)
})

test('a place that ends before the timeout is refused: more than the limit would run at once', () => {
  const define = (duration: Duration, timeout?: Duration) => {
    const job = task('import', { run: () => {}, timeout: timeout as never, concurrency: { key: 'all', duration } })
    return () => defineQueue({ tasks: [job], shutdownGrace: '2s', connect: () => ({ driver: sqlite(':memory:') }) })
  }

  expect(define('3m', '10m')).toThrow(
    'tasks: "import" has a concurrency.duration of 3m and a timeout of 10m, so another job could run beside one that is within its timeout; use 602000 ms (timeout and shutdownGrace) or more, or leave the duration out',
  )
  expect(define(601_999, '10m')).toThrow(ConfigurationError)
  expect(define(602_000, '10m')).not.toThrow()
  expect(define('1s')).not.toThrow()
})

test('an option that is undefined is as if it were left out', () => {
  const ping = task('ping', { run: () => {} })
  const required = { tasks: [ping], connect: () => ({ driver: {} as never, nudge: undefined }) }
  const hourly = { task: ping, schedule: '@hourly' }

  const jobs = defineQueue({
    ...required,
    defaults: undefined,
    queues: undefined,
    models: undefined,
    recurring: {
      hourly: { ...hourly, timeZone: undefined, queue: undefined, catchUp: undefined, description: undefined },
    },
    logger: undefined,
    on: undefined,
    workers: { default: { queues: undefined, concurrency: undefined, pollInterval: undefined } },
    shutdownGrace: undefined,
    preserveFinishedJobs: undefined,
    clearFailedJobsAfter: undefined,
    maxPayloadBytes: undefined,
  })
  const plain = defineQueue({ ...required, recurring: { hourly } })

  expect(jobs.settings).toEqual(plain.settings)
  expect(jobs.open()['~core'].deployment.tasks).toEqual(plain.open()['~core'].deployment.tasks)
})

test.each(['mail', 5, { mail: {} }, null])('queues that are no list are refused: %s', (queues) => {
  expect(() => defineQueue({ tasks: [], queues: queues as never, connect: () => ({ driver: {} as never }) })).toThrow(
    /queues: .*; use a list of names/,
  )
})

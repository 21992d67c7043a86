import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { parseQueuePatterns, preferenceOf } from '../../src/job/queue-patterns.ts'
import { enqueue } from '../../src/transitions/enqueue.ts'
import { runner } from '../../src/transitions/run.ts'
import { claimBy, processA } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { table } from '../support/tables.ts'
import { greet } from '../support/tasks.ts'
import { work } from '../../src/ticks/index.ts'

interface Stored {
  readonly queue: string
  readonly priority: number
}

/** Fewer than 256: a claim looks at all of them, wherever their jobs stand. */
const names = [
  'a',
  'ab',
  'abc',
  'größe',
  'grün',
  '\uD7FFx',
  '\uFFFDy',
  '\u{1F600}',
  '\u{1F600}!',
  '\u{10FFFF}z',
].concat(Array.from({ length: 190 }, (_, index) => `tenant-${index}`))
const entries =
  '* a ab* a* gr* grö* none* \uD7FF* \u{1F600}* \u{10FFFF}* front fr* tenant-* tenant-1* tenant-17 tenant-9*'.split(' ')

/** What stands before the others: a backlog as long as the first look of a claim, and longer. */
const backlog = fc.record({
  front: fc.constantFrom(0, 1100, 2600),
  frontPriority: fc.constantFrom(-1, 0, 3),
  count: fc.integer({ min: 50, max: 1500 }),
  queues: fc.integer({ min: 1, max: names.length }),
  priorities: fc.constantFrom(1, 4),
  spread: fc.constantFrom(7, 61, 4099),
})
const claims = fc.array(
  fc.record({
    queues: fc.uniqueArray(fc.constantFrom(...entries), { minLength: 1, maxLength: 3 }),
    max: fc.constantFrom(1, 10, 60),
    after: fc.constantFrom('', ...names),
    paused: fc.oneof(
      fc.constantFrom([], ['front']),
      fc.uniqueArray(fc.constantFrom('front', ...names), { maxLength: 40 }),
    ),
  }),
  { minLength: 8, maxLength: 8 },
)

const idOf = (number: number) => `019b0000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

type Backlog = typeof backlog extends fc.Arbitrary<infer Drawn> ? Drawn : never

const storedOf = ({ front, frontPriority, count, queues, priorities, spread }: Backlog): Stored[] => [
  ...Array.from({ length: front }, () => ({ queue: 'front', priority: frontPriority })),
  ...Array.from({ length: count }, (_, index) => ({
    queue: String(names[(index * spread) % queues]),
    priority: (index * 31) % priorities,
  })),
]

async function store(driver: Driver, stored: readonly Stored[]): Promise<void> {
  const { run } = runner(driver)
  const jobs = stored.map(({ queue, priority }, index) => ({
    id: idOf(index),
    queue,
    task: 'greet',
    payload: '{}',
    payloadMeta: null,
    priority,
    maxAttempts: 1,
    onLost: 'fail' as const,
    concurrency: null,
    recurring: null,
    runAtMs: null,
    delayMs: 0,
  }))
  for (let from = 0; from < jobs.length; from += 1000)
    await run(enqueue(driver.dialect, { jobs: jobs.slice(from, from + 1000) }))
}

const send = (driver: Driver, ...texts: readonly string[]) =>
  driver.batch(texts.map((sql) => ({ sql, parameters: [] })))

/** Pauses just these queues. */
const pauseOnly = (driver: Driver, paused: readonly string[]) =>
  send(
    driver,
    `delete from ${table(driver, 'pauses')}`,
    ...paused.map(
      (name) =>
        `insert into ${table(driver, 'pauses')} (queue_name, created_at) values ('${name}', ${driver.dialect.name === 'postgres' ? 'now()' : '0'})`,
    ),
  )

const empty = (driver: Driver) =>
  send(
    driver,
    ...['jobs', 'ready_executions', 'claimed_executions', 'processes'].map(
      (name) => `delete from ${table(driver, name)}`,
    ),
  )

/** By a sort of all ready jobs. */
function firstOf(ready: readonly (Stored & { id: string })[], queues: readonly string[], paused: readonly string[]) {
  const patterns = parseQueuePatterns(queues)
  const isPaused = new Set(paused)
  return ready
    .flatMap((job) => {
      const place = preferenceOf(patterns, job.queue)
      return place === null || isPaused.has(job.queue) ? [] : [{ ...job, place }]
    })
    .sort((a, b) => a.place - b.place || b.priority - a.priority || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

export function ranking(database: OpenDatabase): void {
  test('of up to 256 queues, whatever is before them, the first jobs are claimed, by entry, priority and id', async () => {
    const { driver } = await openQueue(database)

    await fc.assert(
      fc.asyncProperty(backlog, claims, async (shape, drawn) => {
        await empty(driver)
        const stored = storedOf(shape)
        await store(driver, stored)
        let ready = stored.map((job, index) => ({ ...job, id: idOf(index) }))
        let number = 1
        for (const { queues, max, after, paused } of drawn) {
          await pauseOnly(driver, paused)

          const claimed = await claimBy(driver, processA, { queues, max, after, claim: number, first: number === 1 })

          const ids = claimed.map(({ id }) => id)
          expect(ids).toEqual(firstOf(ready, queues, paused).slice(0, max))
          if (ids.length > 0) number += 1
          const gone = new Set(ids)
          ready = ready.filter(({ id }) => !gone.has(id))
        }
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  test('of more queues behind a long backlog, all have their turn', async () => {
    const { queue, driver } = await openQueue(database, { workers: { default: { queues: ['q*'] } } })
    const queues = Array.from({ length: 700 }, (_, index) => `q${String(index).padStart(3, '0')}`)
    await store(driver, [
      ...Array.from({ length: 1300 }, () => ({ queue: 'front', priority: 1 })),
      ...queues.map((name) => ({ queue: name, priority: 0 })),
      ...queues.map((name) => ({ queue: name, priority: 0 })),
    ])

    const behind = await claimBy(driver, processA, { queues: ['q*'], after: 'q299', max: 10 })
    const round = await claimBy(driver, processA, { queues: ['q*'], after: 'q699', max: 10, claim: 2, first: false })
    const { claimed } = await work(queue)

    expect(behind.map(({ queue: queueName }) => queueName)).toEqual(queues.slice(300, 310))
    expect(round.map(({ queue: queueName }) => queueName)).toEqual(queues.slice(0, 10))
    expect(claimed).toBe(1400 - 20)
  })

  test('a queue that is not paused is found behind more than a thousand that are', async () => {
    const { queue, driver } = await openQueue(database)
    const paused = Array.from({ length: 1300 }, (_, index) => `p${index}`)
    await store(
      driver,
      paused.map((name) => ({ queue: name, priority: 1 })),
    )
    await queue.enqueue(greet, { name: 'Ada' }, { queue: 'z' })
    await pauseOnly(driver, paused)

    const claimed = await claimBy(driver, processA)

    expect(claimed.map(({ queue: queueName }) => queueName)).toEqual(['z'])
  })
}

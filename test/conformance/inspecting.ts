import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { ConfigurationError, FinalError, type JobList, task, type Using } from '../../src/index.ts'
import { countJobs } from '../../src/transitions/count-jobs.ts'
import { runner } from '../../src/transitions/run.ts'
import { claimBy, processA, processB } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { flaky, greet, hopeless } from '../support/tasks.ts'

const names = (total: number) => Array.from({ length: total }, (_, index) => ({ name: `${index}` }))

/** All pages of a list; how long each was. */
async function pages(
  list: (continuation: string | null) => Promise<JobList>,
): Promise<{ ids: string[]; sizes: number[] }> {
  const ids: string[] = []
  const sizes: number[] = []
  let continuation: string | null = null
  do {
    const page: JobList = await list(continuation)
    ids.push(...page.jobs.map(({ id }) => id))
    sizes.push(page.jobs.length)
    continuation = page.continuation
  } while (continuation !== null)
  return { ids, sizes }
}

/** Ready rows of jobs in queues `q000`, `q001` and so on, past the queue. */
function readyRows(driver: Driver, { count, queues }: { count: number; queues: number }): string {
  const isPostgres = driver.dialect.name === 'postgres'
  const numbers = isPostgres
    ? `generate_series(0, ${count - 1}) n`
    : `(with recursive up(n) as (select 0 union all select n + 1 from up where n < ${count - 1}) select n from up)`
  const queue = isPostgres ? `'q' || lpad((n % ${queues})::text, 3, '0')` : `printf('q%03d', n % ${queues})`
  return `insert into ${table(driver, 'ready_executions')} (job_id, queue_name, rank, created_at)
    select ${isPostgres ? 'gen_random_uuid()' : 'lower(hex(randomblob(16)))'}, ${queue}, 0, ${isPostgres ? 'now()' : '0'} from ${numbers}`
}

export function inspecting(database: OpenDatabase): void {
  test('jobs are listed by state, queue, task and time, page by page, each once', async () => {
    const { queue, advance } = await openQueue(database)
    const early = await queue.enqueueAll(greet.using({ queue: 'mail', priority: 3 }), names(4))
    advance(60_000)
    const late = await queue.enqueueAll(greet.using({ queue: 'mail' }), names(3))
    const others = await queue.enqueueAll(flaky.using({ queue: 'bulk' }), [null, null])
    await queue.enqueue(greet.using({ runAfter: '1h' }), { name: 'later' })
    const sorted = (...lists: readonly { id: string }[][]) =>
      lists
        .flat()
        .map(({ id }) => id)
        .toSorted()
    const minute = new Date(Date.UTC(2026, 0, 1) + 60_000)

    const all = await pages((continuation) => queue.list({ state: 'ready' }, { max: 4, continuation }))
    const mail = await pages((continuation) => queue.list({ state: 'ready', queue: 'mail' }, { max: 2, continuation }))
    const flakies = await queue.list({ state: 'ready', task: 'flaky' })
    const since = await queue.list({ state: 'ready', enqueuedSince: minute, task: 'greet' })
    const until = await queue.list({ state: 'ready', enqueuedUntil: minute })

    expect(all.ids.toSorted()).toEqual(sorted(early, late, others))
    expect(Math.max(...all.sizes)).toBe(4)
    expect(mail.ids.toSorted()).toEqual(sorted(early, late))
    expect(Math.max(...mail.sizes)).toBe(2)
    expect(sorted([...flakies.jobs])).toEqual(sorted(others))
    expect(sorted([...since.jobs])).toEqual(sorted(late))
    expect(sorted([...until.jobs])).toEqual(sorted(early))
    expect((await queue.list({ state: 'scheduled' })).jobs).toMatchObject([
      { state: 'scheduled', payload: { name: 'later' } },
    ])
    expect(await queue.list({ state: 'claimed' })).toEqual({ jobs: [], continuation: null })
  })

  test('what is finished is listed from the last that ended, what has failed from the last enqueued, without results', async () => {
    const { queue, advance } = await openQueue(database)
    const late = await queue.enqueue(greet.using({ queue: 'late' }), { name: 'late' })
    await queue.pause('late')
    const enqueued = await queue.enqueueAll(greet, names(5))
    await queue.enqueueAll(hopeless, [undefined, undefined])
    await queue.work()
    advance(1000)
    await queue.resume('late')
    await queue.work()
    await queue.enqueue(greet, { name: 'ready' })
    const newestFirst = [late.id, ...enqueued.map(({ id }) => id).toReversed()]

    const finished = await pages((continuation) => queue.list({ state: 'finished' }, { max: 2, continuation }))
    const failed = await queue.list({ state: 'failed' })

    expect(finished.ids).toEqual(newestFirst)
    expect(failed.jobs).toMatchObject(
      Array.from({ length: 2 }, () => ({ state: 'failed', errors: [{ name: 'FinalError' }] })),
    )
    expect(failed.jobs[0]).not.toHaveProperty('result')
  })

  test('what waits is listed in the order in which it runs or comes due, page by page', async () => {
    const { queue } = await openQueue(database)
    const idOf = async (set: Using) => (await queue.enqueue(greet.using(set), { name: 'x' })).id
    const [low, high, first, second] = [
      await idOf({ queue: 'b', priority: -1 }),
      await idOf({ queue: 'b', priority: 9 }),
      await idOf({ queue: 'a' }),
      await idOf({ queue: 'a' }),
    ]
    const [late, urgent, early, soon] = [
      await idOf({ runAfter: '2h' }),
      await idOf({ runAfter: '1h', priority: 1 }),
      await idOf({ runAfter: '1h' }),
      await idOf({ runAfter: '1m', queue: 'z' }),
    ]

    const ready = await pages((continuation) => queue.list({ state: 'ready' }, { max: 1, continuation }))
    const ofQueue = await pages((continuation) => queue.list({ state: 'ready', queue: 'b' }, { max: 1, continuation }))
    const scheduled = await pages((continuation) => queue.list({ state: 'scheduled' }, { max: 1, continuation }))

    expect(ready.ids).toEqual([first, second, high, low])
    expect(ofQueue.ids).toEqual([high, low])
    expect(scheduled.ids).toEqual([soon, urgent, early, late])
  })

  test('failed jobs are listed by what failed alike, and that selects them', async () => {
    const broken = task('broken', {
      run: (url: string) => {
        throw new FinalError(`${url} answered ${url.length}.`)
      },
    })
    const { queue, advance } = await openQueue(database, { tasks: [broken] })
    await queue.enqueueAll(broken, ['http://a.test/1?x=2', 'http://a.test/22', 'http://a.test'])
    await queue.work()
    advance(5000)
    const [other] = await queue.enqueueAll(broken, ['http://b.test'])
    await queue.enqueueAll(hopeless, [undefined, undefined])
    await queue.work()
    const start = Date.UTC(2026, 0, 1)

    const kinds = await queue.failures()
    const [alike] = kinds
    const those = await pages((continuation) =>
      queue.list({ state: 'failed', fingerprint: alike?.fingerprint as string }, { max: 2, continuation }),
    )
    const retried = await queue.retryAll({ fingerprint: alike?.fingerprint as string })

    expect(kinds).toMatchObject([
      { taskName: 'broken', count: { count: 3, more: false }, lastAt: new Date(start) },
      { taskName: 'hopeless', count: { count: 2 }, latest: { error: { name: 'FinalError', message: 'never' } } },
      {
        fingerprint: expect.stringMatching(/^broken\/[0-9a-f]{8}$/),
        count: { count: 1 },
        lastAt: new Date(start + 5000),
        latest: { id: other?.id, error: { message: 'http://b.test answered 13.' } },
      },
    ])
    expect(those.sizes).toEqual([2, 1])
    expect(retried).toEqual({ count: 3, continuation: null })
    expect(await queue.failures()).toHaveLength(2)
  })

  test('jobs that were lost are one kind a task', async () => {
    const { queue, driver, advance } = await openQueue(database)
    await queue.enqueueAll(greet, names(2))
    for (const [index, processId] of [processA, processB].entries()) {
      await claimBy(driver, processId, { max: 1, leaseMs: 1000 + index })
      advance(2000)
      await queue.prune()
    }

    expect(await queue.failures()).toMatchObject([
      { taskName: 'greet', count: { count: 2 }, latest: { error: { name: 'ProcessPrunedError' } } },
    ])
  })

  test('a list that makes no sense is refused', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueueAll(greet, names(3))
    const { continuation } = await queue.list({ state: 'ready' }, { max: 1 })

    await expect(queue.list({ state: 'ready', queue: 'mail' }, { continuation })).rejects.toThrow(/continuation/)
    await expect(queue.list({ state: 'ready' }, { max: 0 })).rejects.toThrow(/max: 0/)
    await expect(queue.list({ state: 'ready', enqueuedSince: new Date('x') })).rejects.toThrow(/enqueuedSince/)
    await expect(queue.list({ state: 'ready', fingerprint: 'greet/0' })).rejects.toThrow(/only what has failed/)
    await expect(queue.list({ state: 'nowhere' as never })).rejects.toThrow(/state: "nowhere"/)
    const [meant, [, rank, id], began] = JSON.parse(String(continuation)) as [unknown[], string[], unknown]
    const far = JSON.stringify([['scheduled', ...meant.slice(1)], ['-999999999999999999', rank, id], began])
    await expect(queue.list({ state: 'scheduled' }, { continuation: far })).rejects.toThrow(/continuation/)
    for (const odd of ['a\0', '\uD800', 5 as never])
      for (const asked of [
        queue.queues({ after: odd }),
        queue.keys({ after: odd }),
        queue.recurring({ after: odd }),
        queue.holders(odd),
      ])
        await expect(asked).rejects.toThrow(ConfigurationError)
  })

  test('the jobs of each state are counted, up to a bound', async () => {
    const { queue, driver } = await openQueue(database)
    await queue.enqueueAll(greet, names(3))
    await queue.enqueue(hopeless)
    await queue.work()
    await queue.enqueueAll(greet.using({ priority: 5 }), names(2))
    await claimBy(driver, processA, { max: 2 })
    await queue.enqueueAll(greet, names(4))
    await queue.enqueue(greet.using({ runAfter: '1h' }), { name: 'later' })

    const bounded = await runner(driver).run(countJobs(driver.dialect, { max: 3 }))

    expect(await queue.counts()).toEqual({
      scheduled: { count: 1, more: false },
      ready: { count: 4, more: false },
      blocked: { count: 0, more: false },
      claimed: { count: 2, more: false },
      finished: { count: 3, more: false },
      failed: { count: 1, more: false },
    })
    expect(bounded).toMatchObject({ ready: { count: 3, more: true }, finished: { count: 3, more: false } })
  })

  test('queues are listed with what is ready, how long it has waited, and whether they are paused', async () => {
    const { queue, advance } = await openQueue(database)
    await queue.enqueue(greet.using({ queue: 'mail', priority: -3 }), { name: 'first' })
    advance(5000)
    await queue.enqueueAll(greet.using({ queue: 'mail' }), names(2))
    await queue.enqueue(greet.using({ queue: 'bulk' }), { name: 'other' })
    advance(1000)
    await queue.pause('bulk')
    await queue.pause('empty')
    const start = Date.UTC(2026, 0, 1)

    expect(await queue.queues()).toEqual([
      {
        name: 'bulk',
        ready: { count: 1, more: false },
        oldestAt: new Date(start + 5000),
        latencyMs: 1000,
        pausedAt: new Date(start + 6000),
      },
      {
        name: 'empty',
        ready: { count: 0, more: false },
        oldestAt: null,
        latencyMs: null,
        pausedAt: new Date(start + 6000),
      },
      { name: 'mail', ready: { count: 3, more: false }, oldestAt: new Date(start), latencyMs: 6000, pausedAt: null },
    ])
  })

  test('queues are listed page by page; of many, fewer jobs are counted, and it says so', async () => {
    const { queue, driver } = await openQueue(database)
    await rowsOf(driver, readyRows(driver, { count: 100_600, queues: 251 }))
    await queue.pause('a000')
    await queue.pause('q000x')

    const listed = await queue.queues({ max: 250, after: 'a000' })
    const rest = await queue.queues({ after: String(listed.at(-1)?.name) })

    expect(listed.map(({ name }) => name)).toEqual(
      [0, ...Array.from({ length: 248 }, (_, index) => index + 1)]
        .map((number) => `q${String(number).padStart(3, '0')}`)
        .toSpliced(1, 0, 'q000x'),
    )
    // 100,000 by 250.
    expect(listed[0]?.ready).toEqual({ count: 400, more: true })
    expect(listed[1]?.ready).toEqual({ count: 0, more: false })
    expect(rest.map(({ name, ready }) => [name, ready])).toEqual([
      ['q249', { count: 400, more: false }],
      ['q250', { count: 400, more: false }],
    ])
    await expect(queue.queues({ max: 1001 })).rejects.toThrow(/max: 1001/)
  })

  test('keys that nothing holds are not listed, however many there are', async () => {
    const limited = task('limited', {
      concurrency: { limit: 1, key: ({ key }: { key: string }) => key },
      run: () => {},
    })
    const { queue } = await openQueue(database, { tasks: [limited] })
    for (const key of ['a', 'b', 'c', 'd', 'e']) await queue.enqueueAll(limited, [{ key }, { key }])
    const [a, b] = await queue.list({ state: 'ready' }).then(({ jobs }) => jobs)
    await queue.discard(String(a?.id))
    await queue.discard(String(b?.id))

    await queue.work()
    await queue.enqueueAll(limited, [{ key: 'd' }, { key: 'b' }, { key: 'd' }])
    const all = await queue.keys()
    const behind = await queue.keys({ after: 'limited/b', max: 1 })

    expect(all).toEqual([
      { key: 'limited/b', limit: 1, held: { count: 1, more: false }, waiting: { count: 0, more: false } },
      { key: 'limited/d', limit: 1, held: { count: 1, more: false }, waiting: { count: 1, more: false } },
    ])
    expect(behind.map(({ key }) => key)).toEqual(['limited/d'])
  })

  test('invocations are listed with their lease and their jobs', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const jobs = await queue.enqueueAll(greet, names(2))
    await claimBy(driver, processA, { max: 2, leaseMs: 60_000 })
    await queue.cancel(jobs[1]?.id as string)
    const start = Date.UTC(2026, 0, 1)

    const [before] = await queue.invocations()
    advance(60_001)
    const [after] = await queue.invocations()

    expect(before).toEqual({
      id: processA,
      worker: 'default',
      name: 'test',
      startedAt: new Date(start),
      lastHeartbeatAt: new Date(start),
      leaseExpiresAt: new Date(start + 60_000),
      lost: false,
      jobs: jobs.map(({ id }, index) => ({
        id,
        taskName: 'greet',
        startedAt: new Date(start),
        cancelRequested: index === 1,
      })),
    })
    expect(after?.lost).toBe(true)
    await queue.prune()
    expect(await queue.invocations()).toEqual([])
  })

  test('what was changed by hand is found', async () => {
    const { queue, driver } = await openQueue(database)
    const [lost, gone] = await queue.enqueueAll(greet, names(3))
    const later = await queue.enqueue(greet.using({ runAfter: '1h' }), { name: 'later' })
    const none = await queue.findFaults()

    await rowsOf(driver, `delete from ${table(driver, 'ready_executions')} where job_id = '${lost?.id}'`)
    await rowsOf(driver, `delete from ${table(driver, 'jobs')} where id = '${gone?.id}'`)
    await rowsOf(
      driver,
      `insert into ${table(driver, 'failed_executions')} (job_id, fingerprint, error, created_at)
        select id, 'x/0', '{}', enqueued_at from ${table(driver, 'jobs')} where id = '${later.id}'`,
    )

    expect(none).toEqual([])
    expect(await queue.findFaults()).toEqual([
      { fault: 'in more than one state', id: later.id },
      { fault: 'in no state', id: lost?.id },
      { fault: 'in a state, but there is no such job', id: gone?.id },
    ])
  })
}

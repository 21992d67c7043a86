import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { ConfigurationError, type EnqueueOptions, FinalError, task } from '../../src/index.ts'
import { countJobs } from '../../src/transitions/count-jobs.ts'
import { runner } from '../../src/transitions/run.ts'
import { claimBy, processA, processB } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { careful, flaky, greet, hopeless } from '../support/tasks.ts'
import { type ListedJob, manage, type Page } from '../../src/manage/index.ts'
import { prune, work } from '../../src/ticks/index.ts'

const names = (total: number) => Array.from({ length: total }, (_, index) => ({ name: `${index}` }))

/** All pages of a list; how long each was. */
async function pages(
  list: (after: string | null) => PromiseLike<Page<ListedJob>>,
): Promise<{ ids: string[]; sizes: number[] }> {
  const ids: string[] = []
  const sizes: number[] = []
  let after: string | null = null
  do {
    const page: Page<ListedJob> = await list(after)
    ids.push(...page.items.map(({ id }) => id))
    sizes.push(page.items.length)
    after = page.next
  } while (after !== null)
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
    await queue.enqueue(greet, { name: 'later' }, { runAfter: '1h' })
    const sorted = (...lists: readonly { id: string }[][]) =>
      lists
        .flat()
        .map(({ id }) => id)
        .toSorted()
    const minute = new Date(Date.UTC(2026, 0, 1) + 60_000)

    const all = await pages((after) => manage(queue).jobs.list({ state: 'ready' }, { limit: 4, after }))
    const mail = await pages((after) => manage(queue).jobs.list({ state: 'ready', queue: 'mail' }, { limit: 2, after }))
    const flakies = await manage(queue).jobs.list({ state: 'ready', task: 'flaky' })
    const since = await manage(queue).jobs.list({ state: 'ready', enqueuedSince: minute, task: 'greet' })
    const until = await manage(queue).jobs.list({ state: 'ready', enqueuedUntil: minute })

    expect(all.ids.toSorted()).toEqual(sorted(early, late, others))
    expect(Math.max(...all.sizes)).toBe(4)
    expect(mail.ids.toSorted()).toEqual(sorted(early, late))
    expect(Math.max(...mail.sizes)).toBe(2)
    expect(sorted([...flakies.items])).toEqual(sorted(others))
    expect(sorted([...since.items])).toEqual(sorted(late))
    expect(sorted([...until.items])).toEqual(sorted(early))
    expect((await manage(queue).jobs.list({ state: 'scheduled' })).items).toMatchObject([
      { state: 'scheduled', payload: { name: 'later' } },
    ])
    expect(await manage(queue).jobs.list({ state: 'claimed' })).toEqual({ items: [], next: null })
  })

  test('what is finished is listed from the last that ended, what has failed from the last enqueued, without results', async () => {
    const { queue, advance } = await openQueue(database)
    const late = await queue.enqueue(greet, { name: 'late' }, { queue: 'late' })
    await manage(queue).queues.pause('late')
    const enqueued = await queue.enqueueAll(greet, names(5))
    await queue.enqueueAll(hopeless, [undefined, undefined])
    await work(queue)
    advance(1000)
    await manage(queue).queues.resume('late')
    await work(queue)
    await queue.enqueue(greet, { name: 'ready' })
    const newestFirst = [late.id, ...enqueued.map(({ id }) => id).toReversed()]

    const finished = await pages((after) => manage(queue).jobs.list({ state: 'finished' }, { limit: 2, after }))
    const failed = await manage(queue).jobs.list({ state: 'failed' })

    expect(finished.ids).toEqual(newestFirst)
    expect(failed.items).toMatchObject(
      Array.from({ length: 2 }, () => ({ state: 'failed', errors: [{ name: 'FinalError' }] })),
    )
    expect(failed.items[0]).not.toHaveProperty('result')
  })

  test('what waits is listed in the order in which it runs or comes due, page by page', async () => {
    const { queue } = await openQueue(database)
    const idOf = async (options: EnqueueOptions) => (await queue.enqueue(greet, { name: 'x' }, options)).id
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

    const ready = await pages((after) => manage(queue).jobs.list({ state: 'ready' }, { limit: 1, after }))
    const ofQueue = await pages((after) => manage(queue).jobs.list({ state: 'ready', queue: 'b' }, { limit: 1, after }))
    const scheduled = await pages((after) => manage(queue).jobs.list({ state: 'scheduled' }, { limit: 1, after }))

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
    await work(queue)
    advance(5000)
    const [other] = await queue.enqueueAll(broken, ['http://b.test'])
    await queue.enqueueAll(hopeless, [undefined, undefined])
    await work(queue)
    const start = Date.UTC(2026, 0, 1)

    const kinds = await manage(queue).jobs.failures()
    const [alike] = kinds
    const those = await pages((after) =>
      manage(queue).jobs.list({ state: 'failed', fingerprint: alike?.fingerprint as string }, { limit: 2, after }),
    )
    const retried = await manage(queue).jobs.retryAll({ fingerprint: alike?.fingerprint as string })

    expect(kinds).toMatchObject([
      { task: 'broken', count: { count: 3, more: false }, lastAt: new Date(start) },
      { task: 'hopeless', count: { count: 2 }, latest: { error: { name: 'FinalError', message: 'never' } } },
      {
        fingerprint: expect.stringMatching(/^broken\/[0-9a-f]{8}$/),
        count: { count: 1 },
        lastAt: new Date(start + 5000),
        latest: { id: other?.id, error: { message: 'http://b.test answered 13.' } },
      },
    ])
    expect(those.sizes).toEqual([2, 1])
    expect(retried).toEqual({ count: 3, next: null })
    expect(await manage(queue).jobs.failures()).toHaveLength(2)
  })

  test('jobs that were lost are one kind a task', async () => {
    const { queue, driver, advance } = await openQueue(database)
    await queue.enqueueAll(careful, [null, null])
    for (const [index, invocationId] of [processA, processB].entries()) {
      await claimBy(driver, invocationId, { max: 1, leaseMs: 1000 + index })
      advance(2000)
      await prune(queue)
    }

    expect(await manage(queue).jobs.failures()).toMatchObject([
      { task: 'careful', count: { count: 2 }, latest: { error: { name: 'ProcessPrunedError' } } },
    ])
  })

  test('a list that makes no sense is refused', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueueAll(greet, names(3))
    const { next } = await manage(queue).jobs.list({ state: 'ready' }, { limit: 1 })

    await expect(manage(queue).jobs.list({ state: 'ready', queue: 'mail' }, { after: next })).rejects.toThrow(/after/)
    await expect(manage(queue).jobs.list({ state: 'ready' }, { limit: 0 })).rejects.toThrow(/limit: 0/)
    await expect(manage(queue).jobs.list({ state: 'ready', enqueuedSince: new Date('x') })).rejects.toThrow(
      /enqueuedSince/,
    )
    await expect(manage(queue).jobs.list({ state: 'ready', fingerprint: 'greet/0' })).rejects.toThrow(
      /only what has failed/,
    )
    await expect(manage(queue).jobs.list({ state: 'nowhere' as never })).rejects.toThrow(/state: "nowhere"/)
    const [meant, [, rank, id], began] = JSON.parse(String(next)) as [unknown[], string[], unknown]
    const far = JSON.stringify([['scheduled', ...meant.slice(1)], ['-999999999999999999', rank, id], began])
    await expect(manage(queue).jobs.list({ state: 'scheduled' }, { after: far })).rejects.toThrow(
      /after: it is not the `next`/,
    )
    for (const odd of ['a\0', '\uD800', 5 as never])
      for (const asked of [
        manage(queue).queues.list({ after: odd }),
        manage(queue).keys.list({ after: odd }),
        manage(queue).recurring.list({ after: odd }),
        manage(queue).keys.holders(odd),
      ])
        await expect(asked).rejects.toThrow(ConfigurationError)
  })

  test('the jobs of each state are counted, up to a bound', async () => {
    const { queue, driver } = await openQueue(database)
    await queue.enqueueAll(greet, names(3))
    await queue.enqueue(hopeless)
    await work(queue)
    await queue.enqueueAll(greet.using({ priority: 5 }), names(2))
    await claimBy(driver, processA, { max: 2 })
    await queue.enqueueAll(greet, names(4))
    await queue.enqueue(greet, { name: 'later' }, { runAfter: '1h' })

    const bounded = await runner(driver).run(countJobs(driver.dialect, { max: 3 }))

    expect(await manage(queue).jobs.counts()).toEqual({
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
    await queue.enqueue(greet, { name: 'first' }, { queue: 'mail', priority: -3 })
    advance(5000)
    await queue.enqueueAll(greet.using({ queue: 'mail' }), names(2))
    await queue.enqueue(greet, { name: 'other' }, { queue: 'bulk' })
    advance(1000)
    await manage(queue).queues.pause('bulk')
    await manage(queue).queues.pause('empty')
    const start = Date.UTC(2026, 0, 1)

    expect((await manage(queue).queues.list()).items).toEqual([
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
    await manage(queue).queues.pause('a000')
    await manage(queue).queues.pause('q000x')

    const listed = (await manage(queue).queues.list({ limit: 250, after: 'a000' })).items
    const rest = (await manage(queue).queues.list({ after: String(listed.at(-1)?.name) })).items

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
    await expect(manage(queue).queues.list({ limit: 1001 })).rejects.toThrow(/limit: 1001/)
  })

  test('keys that nothing holds are not listed, however many there are', async () => {
    const limited = task('limited', {
      concurrency: { limit: 1, key: ({ key }: { key: string }) => key },
      run: () => {},
    })
    const { queue } = await openQueue(database, { tasks: [limited] })
    for (const key of ['a', 'b', 'c', 'd', 'e']) await queue.enqueueAll(limited, [{ key }, { key }])
    const [a, b] = await manage(queue)
      .jobs.list({ state: 'ready' })
      .then(({ items }) => items)
    await manage(queue).jobs.discard(String(a?.id))
    await manage(queue).jobs.discard(String(b?.id))

    await work(queue)
    await queue.enqueueAll(limited, [{ key: 'd' }, { key: 'b' }, { key: 'd' }])
    const all = (await manage(queue).keys.list()).items
    const behind = (await manage(queue).keys.list({ after: 'limited/b', limit: 1 })).items

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
    await manage(queue).jobs.cancel(jobs[1]?.id as string)
    const start = Date.UTC(2026, 0, 1)

    const [before] = await manage(queue).invocations.list()
    advance(60_001)
    const [after] = await manage(queue).invocations.list()

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
        task: 'greet',
        startedAt: new Date(start),
        cancelRequested: index === 1,
      })),
    })
    expect(after?.lost).toBe(true)
    await prune(queue)
    expect(await manage(queue).invocations.list()).toEqual([])
  })

  test('what was changed by hand is found', async () => {
    const { queue, driver } = await openQueue(database)
    const [lost, gone] = await queue.enqueueAll(greet, names(3))
    const later = await queue.enqueue(greet, { name: 'later' }, { runAfter: '1h' })
    const none = await manage(queue).jobs.faults()

    await rowsOf(driver, `delete from ${table(driver, 'ready_executions')} where job_id = '${lost?.id}'`)
    await rowsOf(driver, `delete from ${table(driver, 'jobs')} where id = '${gone?.id}'`)
    await rowsOf(
      driver,
      `insert into ${table(driver, 'failed_executions')} (job_id, fingerprint, error, created_at)
        select id, 'x/0', '{}', enqueued_at from ${table(driver, 'jobs')} where id = '${later.id}'`,
    )

    expect(none).toEqual([])
    expect(await manage(queue).jobs.faults()).toEqual([
      { fault: 'in more than one state', id: later.id },
      { fault: 'in no state', id: lost?.id },
      { fault: 'in a state, but there is no such job', id: gone?.id },
    ])
  })
}

import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { defineQueue, task } from '../../src/index.ts'
import { listen, renew, retireWithTombstone, writeProgress } from '../../src/transitions/lease.ts'
import { runner } from '../../src/transitions/run.ts'
import { combine } from '../../src/transitions/transition.ts'
import { claimBy, processA, processB, settleBy } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { delayingFirstClaim, takingAtMost } from '../support/flaky-driver.ts'
import { faultsOf } from '../support/invariants.ts'
import { openQueue, type Opened, silent } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { careful, deaf, endless, flaky, greet } from '../support/tasks.ts'
import { workWithBeat } from '../support/work-with-beat.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, maintain, prune, tick, work } from '../../src/ticks/index.ts'

/** Between the start of the only invocation and its last heartbeat. */
async function heartbeatAgeMs(driver: Driver): Promise<number> {
  const [row] = await rowsOf(
    driver,
    `select ${driver.dialect.name === 'sqlite' ? 'last_heartbeat_at - started_at' : '(extract(epoch from last_heartbeat_at - started_at) * 1000)::bigint'} as age from ${table(driver, 'processes')}`,
  )
  return Number(row?.['age'])
}

/** The beat of an invocation that reports progress of a job. */
function beat(driver: Driver, progress: { id: string; progress: string }) {
  const { dialect } = driver
  return runner(driver).run(
    combine({
      reported: writeProgress(dialect, { invocationId: processA, reports: [progress] }),
      renewed: renew(dialect, { invocationId: processA, leaseMs: 60_000 }),
      heard: listen(dialect, { invocationId: processA }),
    }),
  )
}

/** The same queue, through another driver. */
const openAlso = (driver: Driver) => defineQueue({ tasks: [greet], logger: silent, connect: () => ({ driver }) }).open()

/** Loses an invocation that has claimed all jobs, and dispatches those that run again. */
async function lose({ queue, driver, advance }: Opened): Promise<void> {
  await claimBy(driver, processA)
  advance(60_001)
  await prune(queue)
  await dispatch(queue)
}

export function leases(database: OpenDatabase): void {
  test('a lost job runs again, and its loss uses up no attempt', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'lost' })
    await claimBy(driver, processA)

    advance(60_001)
    const report = await tick(queue)

    expect(report).toMatchObject({ pruned: 1, dispatched: 1, succeeded: 1 })
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      attempts: 1,
      losses: 1,
      errors: [
        {
          name: 'ProcessPrunedError',
          message: expect.stringMatching(
            new RegExp(`${processA}.*lost: .*a handler that computes without a pause.*lease\\.$`),
          ),
          attempt: 1,
        },
      ],
    })
  })

  test('a job fails with its third loss, however many attempts remain, and retry gives it all three again', async () => {
    const patient = task('patient', { maxAttempts: 5, run: () => {} })
    const { queue, driver, advance } = await openQueue(database, { tasks: [patient] })
    const kinds: string[] = []
    queue.on('job.pruned', ({ kind }) => void kinds.push(kind))
    const { id } = await queue.enqueue(patient)

    for (const _ of [1, 2, 3]) await lose({ queue, driver, advance })

    expect(kinds).toEqual(['retried', 'retried', 'failed'])
    expect(await queue.find(id)).toMatchObject({
      state: 'failed',
      attempts: 0,
      losses: 3,
      errors: [
        { message: expect.not.stringContaining('3 invocations') },
        { message: expect.not.stringContaining('3 invocations') },
        {
          name: 'ProcessPrunedError',
          message: expect.stringMatching(/lease\. 3 invocations were lost with this job, so/),
        },
      ],
    })
    await manage(queue).jobs.retry(id)
    expect(await queue.find(id)).toMatchObject({ state: 'ready', losses: 0 })
  })

  test('neither do errors use up losses, nor losses attempts', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(flaky)

    await lose({ queue, driver, advance })
    await work(queue)
    advance(60_000)
    await dispatch(queue)
    await lose({ queue, driver, advance })
    const report = await work(queue)

    expect(report).toMatchObject({ succeeded: 1 })
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      result: 2,
      attempts: 2,
      losses: 2,
      errors: [{ attempt: 1 }, { attempt: 1, message: 'not yet' }, { attempt: 2 }],
    })
  })

  test('a lost job whose onLost is fail does not run again', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(careful)

    await lose({ queue, driver, advance })

    expect(await queue.find(id)).toMatchObject({
      state: 'failed',
      attempts: 0,
      losses: 1,
      errors: [{ name: 'ProcessPrunedError', message: expect.stringMatching(/the lease\.$/) }],
    })
  })

  test('a lease that a clock which was ahead has written lasts as long as it was, from the next maintenance on', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'lost' })
    advance(11 * 365 * 86_400_000)
    await claimBy(driver, processA)
    advance(-11 * 365 * 86_400_000)

    await maintain(queue)
    advance(59_000)
    const within = await prune(queue)
    advance(2000)
    const behind = await prune(queue)

    expect([within.pruned, behind.pruned]).toEqual([0, 1])
    expect(await queue.find(id)).toMatchObject({ state: 'scheduled', losses: 1 })
  })

  test('nothing is pruned within its lease, and a renewed lease lasts longer', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'held' })
    await claimBy(driver, processA)

    advance(59_999)
    const { heard } = await beat(driver, { id, progress: '{"half":true}' })
    advance(59_999)
    const { pruned } = await prune(queue)

    expect(heard).toEqual([])
    expect(pruned).toBe(0)
    expect(await queue.find(id)).toMatchObject({ state: 'claimed', progress: { half: true } })
  })

  test('an invocation that was pruned hears of it, and what it writes late has no effect', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(endless)
    await claimBy(driver, processA)
    advance(60_001)
    await prune(queue)
    await claimBy(driver, processB)

    const { heard } = await beat(driver, { id, progress: '"late"' })
    const settled = await settleBy(driver, processA, [{ id }])

    expect(heard).toBeNull()
    expect(settled.get(id)).toBe('stale')
    expect((await queue.find(id))?.progress).toBeNull()
  })

  test.each([{ jobs: 3 }, { jobs: 0 }])(
    'a try of a first claim that comes when its invocation has ended claims nothing: after $jobs jobs',
    async ({ jobs }) => {
      const { queue, driver, advance } = await openQueue(database)
      const late = delayingFirstClaim(driver)
      const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `${index}` }))
      await queue.enqueueAll(greet, names(jobs))
      const report = await work(openAlso(late))
      await queue.enqueueAll(greet, names(2))

      await late.arrive()
      const invocations = await manage(queue).invocations.list()
      const next = await work(queue)
      advance(300_001)
      await prune(queue)

      expect(report).toMatchObject({ claimed: jobs, succeeded: jobs, retriedBatches: 1 })
      expect(invocations).toEqual([])
      expect(next.succeeded).toBe(2)
      expect(await faultsOf(driver)).toEqual([])
    },
  )

  test('an invocation that has ended claims nothing more, as long as its tombstone stays', async () => {
    const { queue, driver } = await openQueue(database)
    await queue.enqueue(greet, { name: 'ready' })
    await runner(driver).run(retireWithTombstone(driver.dialect, { invocationId: processA }))

    expect(await claimBy(driver, processA, { claim: 1, first: true })).toEqual([])
    expect(await claimBy(driver, processA, { claim: 2, first: false })).toEqual([])
    expect((await tick(queue)).succeeded).toBe(1)
  })

  test('what a try of a first claim takes, late but before its invocation has ended, is performed', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const late = delayingFirstClaim(driver, async (batch) => {
      // The second one has found nothing.
      if (batch !== 2) return
      await queue.enqueue(greet, { name: 'late' })
      await late.arrive()
    })

    const report = await work(openAlso(late))
    advance(300_001)
    await prune(queue)

    expect(report).toMatchObject({ claimed: 1, succeeded: 1 })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('claims whose invocation is gone are pruned too', async () => {
    const { queue, driver } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'orphan' })
    await claimBy(driver, processA)
    await rowsOf(driver, `delete from ${table(driver, 'processes')}`)

    const report = await tick(queue)

    expect(report.pruned).toBe(1)
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      losses: 1,
      errors: [{ name: 'ProcessPrunedError', message: expect.stringMatching(/no longer exists\.$/) }],
    })
  })

  test('an invocation whose lease was lost while it performed leaves its jobs alone', async () => {
    const { queue, advance } = await openQueue(database)
    const { id } = await queue.enqueue(deaf)
    const stop = new AbortController()
    const working = work(queue, { immediate: stop.signal })
    await expect.poll(async () => (await queue.find(id))?.state).toBe('claimed')

    advance(10 * 60_000)
    const report = await prune(queue)
    stop.abort()
    const worked = await working

    expect(report.pruned).toBe(1)
    expect(await queue.find(id)).toMatchObject({ state: 'scheduled', losses: 1 })
    expect(worked).toMatchObject({ stale: 1, released: 0 })
  })

  test('while a job runs, its lease is renewed and its progress is seen', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = task('slow', {
      run: async (_: unknown, { progress }) => {
        progress({ half: true })
        await gate.promise
      },
    })
    const { queue, driver, advance } = await openQueue(database, { tasks: [slow] })
    const { id } = await queue.enqueue(slow)
    const working = workWithBeat(queue, { leaseMs: 30_000, heartbeatMs: 20 })
    await expect.poll(async () => (await queue.find(id))?.progress).toEqual({ half: true })

    advance(20_000)
    await expect.poll(() => heartbeatAgeMs(driver)).toBe(20_000)
    advance(20_000)
    const { pruned } = await prune(queue)
    gate.resolve()

    expect(pruned).toBe(0)
    expect(await working).toMatchObject({ succeeded: 1, stale: 0 })
  })

  test('a first progress is seen at once, and the next within a second', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const slow = task('slow', {
      run: async (_: unknown, { progress }) => {
        progress(1)
        await gates[0].promise
        progress(2)
        await gates[1].promise
      },
    })
    const { queue } = await openQueue(database, { tasks: [slow] })
    const { id } = await queue.enqueue(slow)
    const working = work(queue)
    const progressIs = (value: number) =>
      expect.poll(async () => (await queue.find(id))?.progress, { interval: 5, timeout: 3000 }).toBe(value)

    await progressIs(1)
    gates[0].resolve()
    await progressIs(2)
    gates[1].resolve()

    expect(await working).toMatchObject({ succeeded: 1, stale: 0 })
  })

  test('progress that the database refuses does not cost the lease', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = task('slow', {
      run: async (_: unknown, { progress }) => {
        progress('x'.repeat(30_000))
        await gate.promise
      },
    })
    const { driver, advance } = await openQueue(database)
    const limited = takingAtMost(20_000, driver)
    const queue = defineQueue({ tasks: [slow], connect: () => ({ driver: limited }), logger: silent }).open()
    const { id } = await queue.enqueue(slow)
    const working = workWithBeat(queue, { heartbeatMs: 20 })
    await expect.poll(async () => (await queue.find(id))?.state).toBe('claimed')

    advance(20_000)
    await expect.poll(() => heartbeatAgeMs(driver)).toBe(20_000)
    gate.resolve()

    expect(await working).toMatchObject({ succeeded: 1, stale: 0 })
  })

  test('a worker that is told to stop releases what does not end, with its attempt', async () => {
    const { queue } = await openQueue(database)
    const { id } = await queue.enqueue(deaf)
    const stop = new AbortController()
    const working = work(queue, { immediate: stop.signal })
    await expect.poll(async () => (await queue.find(id))?.state).toBe('claimed')

    stop.abort()
    const report = await working

    expect(report).toMatchObject({ released: 1, more: true })
    expect(await queue.find(id)).toMatchObject({ state: 'ready', attempts: 0, releases: 0 })
  })

  test('a job that was cut off by three whole invocations fails with JobTooLongError', async () => {
    const { queue } = await openQueue(database, { shutdownGrace: '10ms' })
    const { id } = await queue.enqueue(deaf)
    const states: unknown[] = []

    for (let times = 0; times < 3; times += 1) {
      await work(queue, { deadline: new Date(Date.now() + 1500) })
      const job = await queue.find(id)
      states.push([job?.state, job?.releases, job?.attempts])
    }

    expect(states).toEqual([
      ['ready', 1, 1],
      ['ready', 2, 2],
      ['failed', 3, 3],
    ])
    expect((await queue.find(id))?.errors.at(-1)).toMatchObject({ name: 'JobTooLongError' })
  })

  test('a job that an invocation claimed late is given back as it was', async () => {
    const { queue } = await openQueue(database, { shutdownGrace: '10ms' })
    const working = work(queue, { linger: true, deadline: new Date(Date.now() + 400) })
    await setTimeout(150)
    const { id } = await queue.enqueue(deaf)

    await working

    expect(await queue.find(id)).toMatchObject({ state: 'ready', releases: 0, attempts: 0 })
  })

  test('a job whose timeout is longer than the time left is not started', async () => {
    const started: string[] = []
    const long = task('long', { timeout: '10m', run: () => {} })
    const { queue } = await openQueue(database, {
      tasks: [long],
      on: { 'job.started': ({ id }) => void started.push(id) },
    })
    const { id } = await queue.enqueue(long)

    const report = await work(queue, { deadline: new Date(Date.now() + 60_000) })

    expect(started).toEqual([])
    expect(report).toMatchObject({ released: 1, more: true })
    expect(await queue.find(id)).toMatchObject({ state: 'ready', attempts: 0, releases: 1 })
    for (const _ of [2, 3]) await work(queue, { deadline: new Date(Date.now() + 60_000) })
    expect((await queue.find(id))?.errors).toMatchObject([
      { name: 'JobTooLongError', message: expect.stringMatching(/not started, three times: its timeout is longer/) },
    ])
  })

  test('a job that is not started keeps none of those claimed with it', async () => {
    const long = task('long', { timeout: '10m', run: () => {} })
    const { queue } = await openQueue(database, { tasks: [long] })
    const [first, misfit, last] = await queue.enqueueAll([
      greet.call({ name: 'first' }),
      long.call(),
      greet.call({ name: 'last' }),
    ])

    const report = await work(queue, { deadline: new Date(Date.now() + 60_000) })

    expect(report).toMatchObject({ claimed: 3, succeeded: 2, released: 1, more: true })
    const jobs = await Promise.all([first, misfit, last].map((job) => queue.find(job?.id as string)))
    expect(jobs.map((job) => [job?.state, job?.releases])).toEqual([
      ['finished', 0],
      ['ready', 1],
      ['finished', 0],
    ])
  })
}

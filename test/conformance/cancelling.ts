import { expect, test } from 'vitest'
import { JobCancelledError, task } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { claimBy, processA, settleBy } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { faultsOf } from '../support/invariants.ts'
import { openQueue } from '../support/open-queue.ts'
import { deaf, endless, flaky, greet, hopeless } from '../support/tasks.ts'
import { workWithBeat } from '../support/work-with-beat.ts'
import { manage } from '../../src/manage/index.ts'
import { prune, tick, work } from '../../src/ticks/index.ts'

export function cancelling(database: OpenDatabase): void {
  test('a job that waits is finished as cancelled, and never runs', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const ready = await queue.enqueue(greet, { name: 'ready' })
    const scheduled = await queue.enqueue(greet, { name: 'scheduled' }, { runAfter: '1h' })

    expect([await manage(queue).jobs.cancel(ready.id), await manage(queue).jobs.cancel(scheduled.id)]).toEqual([
      'cancelled',
      'cancelled',
    ])
    expect(await manage(queue).jobs.cancel(ready.id)).toBeNull()
    advance(3_600_001)
    expect((await tick(queue)).claimed).toBe(0)

    for (const { id } of [ready, scheduled]) {
      expect(await queue.find(id)).toMatchObject({
        state: 'finished',
        outcome: 'cancelled',
        attempts: 0,
        finishedAt: expect.any(Date),
      })
      await expect(queue.result(id)).rejects.toThrow(JobCancelledError)
    }
    expect(await faultsOf(driver)).toEqual([])
  })

  test('there is nothing to cancel of a job that has ended, or that nobody knows', async () => {
    const { queue } = await openQueue(database)
    const finished = await queue.enqueue(greet, { name: 'finished' })
    const failed = await queue.enqueue(hopeless)
    await work(queue)

    for (const id of [finished.id, failed.id, newId()]) expect(await manage(queue).jobs.cancel(id)).toBeNull()
    expect((await queue.find(finished.id))?.outcome).toBe('succeeded')
    expect((await queue.find(failed.id))?.state).toBe('failed')
  })

  test.each([endless, deaf])('a job that is performed hears of it and does not run again: $name', async (running) => {
    const told: string[] = []
    const { queue, driver } = await openQueue(database, {
      on: { 'job.started': ({ id }) => void told.push(id), 'job.cancelled': ({ id }) => void told.push(`no ${id}`) },
    })
    const { id } = await queue.enqueue(running, null)

    const working = workWithBeat(queue, { heartbeatMs: 20 })
    await expect.poll(() => told).toEqual([id])
    const how = await manage(queue).jobs.cancel(id)
    const report = await working

    expect(how).toBe('requested')
    expect(report).toMatchObject({ claimed: 1, cancelled: 1, released: 0 })
    expect(told).toEqual([id, `no ${id}`])
    expect(await queue.find(id)).toMatchObject({ state: 'finished', outcome: 'cancelled', attempts: 1, errors: [] })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('its signal says why', async () => {
    const reasons: unknown[] = []
    const patient = task('patient', {
      run: (_: unknown, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason)
            resolve()
          })
          reasons.push('started')
        }),
    })
    const { queue } = await openQueue(database, { tasks: [patient] })
    const { id } = await queue.enqueue(patient, null)

    const working = workWithBeat(queue, { heartbeatMs: 20 })
    await expect.poll(() => reasons).toEqual(['started'])
    await manage(queue).jobs.cancel(id)
    await working

    expect(reasons[1]).toBeInstanceOf(JobCancelledError)
    expect((await queue.find(id))?.outcome).toBe('cancelled')
  })

  test.each([
    { kind: 'succeeded', becomes: { state: 'finished', outcome: 'succeeded' }, settled: 'settled' },
    { kind: 'failed', becomes: { state: 'failed', outcome: null }, settled: 'settled' },
    { kind: 'retried', becomes: { state: 'finished', outcome: 'cancelled' }, settled: 'cancelled' },
    { kind: 'released', becomes: { state: 'finished', outcome: 'cancelled' }, settled: 'cancelled' },
  ] as const)('what ends before its invocation has heard keeps its end, but does not run again: $kind', async (row) => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(flaky, null)
    await claimBy(driver, processA)

    expect(await manage(queue).jobs.cancel(id)).toBe('requested')
    const error = row.kind === 'failed' || row.kind === 'retried' ? '{"name":"Error","message":"no"}' : null
    const settled = await settleBy(driver, processA, [{ id, kind: row.kind, error, spent: row.kind !== 'released' }])
    advance(60_001)
    await prune(queue)

    expect(settled.get(id)).toBe(row.settled)
    expect(await queue.find(id)).toMatchObject(row.becomes)
    expect((await tick(queue)).claimed).toBe(0)
    expect(await faultsOf(driver)).toEqual([])
  })

  test('a cancelled job whose invocation was lost does not run again', async () => {
    const kinds: string[] = []
    const { queue, driver, advance } = await openQueue(database, {
      on: { 'job.pruned': ({ kind }) => void kinds.push(kind) },
    })
    const { id } = await queue.enqueue(endless, null)
    const other = await queue.enqueue(endless, null)
    await claimBy(driver, processA)
    await manage(queue).jobs.cancel(id)
    advance(60_001)

    await prune(queue)

    expect(kinds.toSorted()).toEqual(['cancelled', 'retried'])
    expect(await queue.find(id)).toMatchObject({
      state: 'finished',
      outcome: 'cancelled',
      attempts: 0,
      losses: 1,
      errors: [{ name: 'ProcessPrunedError' }],
    })
    expect((await queue.find(other.id))?.state).toBe('scheduled')
    expect(await faultsOf(driver)).toEqual([])
  })

  test('jobs of one state are cancelled, and no others', async () => {
    const { queue, driver } = await openQueue(database)
    const claimed = await queue.enqueueAll(greet.using({ priority: 9 }), [{ name: 'a' }, { name: 'b' }])
    await claimBy(driver, processA, { max: 2 })
    const ready = await queue.enqueueAll(greet.using({ queue: 'mail' }), [{ name: 'c' }, { name: 'd' }, { name: 'e' }])
    const scheduled = await queue.enqueue(greet, { name: 'f' }, { runAfter: '1h' })
    const all = [...claimed, ...ready, scheduled].map(({ id }) => id)

    expect(await manage(queue).jobs.cancelAll({ state: 'ready' }, { dryRun: true })).toMatchObject({ count: 3 })
    expect(await manage(queue).jobs.cancelAll({ state: 'claimed', queue: 'mail' })).toMatchObject({ count: 0 })
    expect(await manage(queue).jobs.cancelAll({ state: 'scheduled', ids: all })).toMatchObject({ count: 1 })
    expect(await manage(queue).jobs.cancelAll({ state: 'claimed' })).toMatchObject({ count: 2 })
    expect(await manage(queue).jobs.cancelAll({ state: 'ready', queue: 'mail' }, { limit: 2 })).toMatchObject({
      count: 2,
    })
    const states = await Promise.all(all.map(async (id) => (await queue.find(id))?.state))

    expect(states.toSorted()).toEqual(['claimed', 'claimed', 'finished', 'finished', 'finished', 'ready'])
    await expect(manage(queue).jobs.cancelAll({ state: 'failed' as never })).rejects.toThrow(/"failed"; use ready/)
  })
}

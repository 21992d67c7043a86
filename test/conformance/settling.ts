import { expect, test } from 'vitest'
import { defineQueue, task } from '../../src/index.ts'
import { runner } from '../../src/transitions/run.ts'
import { retire } from '../../src/transitions/lease.ts'
import { settle } from '../../src/transitions/settle.ts'
import { claimBy, claimOf, endingOf, processA, processB, settleBy } from '../support/claims.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { losingAnswers, refusing, takingAtMost } from '../support/flaky-driver.ts'
import { openQueue, silent } from '../support/open-queue.ts'
import { greet } from '../support/tasks.ts'
import { combine } from '../../src/transitions/transition.ts'
import { prune, work } from '../../src/ticks/index.ts'

/** A queue on a database that takes so much, and a task whose results are as large as its payloads ask. */
async function openRepeating(database: OpenDatabase, { maxBytes }: { maxBytes: number }) {
  let performed = 0
  const repeat = task('repeat', {
    maxAttempts: 3,
    run: ({ length, progress = 0 }: { length: number; progress?: number }, context) => {
      performed += 1
      context.progress('x'.repeat(progress))
      return 'x'.repeat(length)
    },
  })
  const { driver } = await openQueue(database)
  const limited = takingAtMost(maxBytes, driver)
  const queue = defineQueue({ tasks: [repeat], connect: () => ({ driver: limited }), logger: silent }).open()
  return { queue, repeat, performed: () => performed }
}

export function settling(database: OpenDatabase): void {
  test('k batches of jobs take k + 1 round trips', async () => {
    const { queue } = await openQueue(database)
    await queue.enqueueAll(
      greet,
      Array.from({ length: 30 }, (_, index) => ({ name: String(index) })),
    )

    const report = await work(queue)

    expect(report).toMatchObject({ claimed: 30, succeeded: 30, roundTrips: 4 })
  })

  test('only the invocation that holds the claim, by its number, can end it', async () => {
    const { queue, driver } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'fenced' })
    await claimBy(driver, processA)

    const byAnother = await settleBy(driver, processB, [{ id }])
    const ofAnotherClaim = await settleBy(driver, processA, [{ id, claim: 2 }])
    const between = await queue.find(id)
    const own = await settleBy(driver, processA, [{ id }])
    const twice = await settleBy(driver, processA, [{ id, kind: 'failed', error: '{"name":"E","message":"late"}' }])

    expect([byAnother, ofAnotherClaim, own, twice].map((settled) => settled.get(id))).toEqual([
      'stale',
      'stale',
      'settled',
      'stale',
    ])
    expect(between).toMatchObject({ state: 'claimed', attempts: 0, invocationId: processA })
    expect(await queue.find(id)).toMatchObject({ state: 'finished', attempts: 1, errors: [] })
  })

  test('each of several endings takes its own way', async () => {
    const { queue, driver } = await openQueue(database)
    const ids = (
      await queue.enqueueAll(
        greet,
        ['1', '2', '3', '4'].map((name) => ({ name })),
      )
    ).map(({ id }) => id)
    const [done, again, failed, released] = ids as [string, string, string, string]
    await claimBy(driver, processA)

    await settleBy(driver, processA, [
      { id: done, result: '"yes"' },
      { id: again, kind: 'retried', delayMs: 1000, error: '{"name":"E","message":"m","stack":null,"attempt":1}' },
      { id: failed, kind: 'failed', error: '{"name":"E","message":"m","stack":null,"attempt":1}' },
      { id: released, kind: 'released', spent: false },
    ])

    const jobs = await Promise.all(ids.map((id) => queue.find(id)))
    expect(jobs.map((job) => [job?.state, job?.attempts])).toEqual([
      ['finished', 1],
      ['scheduled', 1],
      ['failed', 1],
      ['ready', 0],
    ])
  })

  test('a settlement whose answer was lost is sent again; what is no longer ours then is unknown, not stale', async () => {
    const { queue, driver } = await openQueue(database)
    await queue.enqueueAll(greet, [{ name: '1' }, { name: '2' }])
    const [first] = await claimBy(driver, processA, { max: 1 })
    const id = first?.id as string
    const losing = losingAnswers(driver, { times: 1 })

    const { settled, claimed } = await runner(losing).run(
      combine({
        settled: settle(driver.dialect, { invocationId: processA, endings: [endingOf({ id })] }),
        claimed: claimOf(driver, { invocationId: processA, claim: 2, first: false, max: 1 }),
        retired: retire(driver.dialect, { invocationId: processA }),
      }),
    )

    expect(settled.get(id)).toBe('unknown')
    expect(claimed).toHaveLength(1)
    expect(claimed[0]?.id).not.toBe(id)
    expect(await queue.find(id)).toMatchObject({ state: 'finished', attempts: 1 })
  })

  test('a settlement that the database refuses ends the invocation; its jobs wait for their lease', async () => {
    const { queue, driver, advance } = await openQueue(database)
    const { id } = await queue.enqueue(greet, { name: 'poison' })
    const broken = refusing(driver, { allowed: 1 })
    const open = defineQueue({ tasks: [greet], connect: () => ({ driver: broken }), logger: silent }).open()

    await expect(work(open)).rejects.toThrow(/refused/)
    const after = await queue.find(id)
    advance(10 * 60_000)
    await prune(queue)

    expect(after?.state).toBe('claimed')
    expect((await queue.find(id))?.errors).toMatchObject([{ name: 'ProcessPrunedError' }])
  })

  test('results that are too large only together are settled one by one', async () => {
    const { queue, repeat, performed } = await openRepeating(database, { maxBytes: 20_000 })

    const ids = await queue.enqueueAll(Array.from({ length: 4 }, () => repeat.call({ length: 9_000 })))
    const report = await work(queue)

    expect(report).toMatchObject({ claimed: 4, succeeded: 4, failed: 0 })
    expect(performed()).toBe(4)
    const jobs = await Promise.all(ids.map(({ id }) => queue.find(id)))
    expect(jobs.map((job) => job?.result)).toEqual(ids.map(() => 'x'.repeat(9_000)))
  })

  test('a result that the database refuses fails its own job, and no other is performed again', async () => {
    const { queue, repeat, performed } = await openRepeating(database, { maxBytes: 20_000 })

    const lengths = [1, 2, 30_000, 3]
    const ids = await queue.enqueueAll(lengths.map((length) => repeat.call({ length })))
    const report = await work(queue)

    expect(report).toMatchObject({ claimed: 4, succeeded: 3, failed: 1 })
    expect(performed()).toBe(4)
    const jobs = await Promise.all(ids.map(({ id }) => queue.find(id)))
    expect(jobs.map((job) => job?.state)).toEqual(['finished', 'finished', 'failed', 'finished'])
    expect(jobs[2]?.errors).toMatchObject([
      { name: 'FinalError', message: expect.stringMatching(/succeeded.*string or blob too big/), attempt: 1 },
    ])
  })

  test('progress that the database refuses does not cost the result', async () => {
    const { queue, repeat, performed } = await openRepeating(database, { maxBytes: 20_000 })

    const { id } = await queue.enqueue(repeat, { length: 5, progress: 30_000 })
    const report = await work(queue)

    expect(report).toMatchObject({ claimed: 1, succeeded: 1 })
    expect(performed()).toBe(1)
    expect(await queue.find(id)).toMatchObject({ state: 'finished', result: 'xxxxx', progress: null })
  })
}

import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { cancel } from '../../src/transitions/cancel.ts'
import { discard } from '../../src/transitions/discard.ts'
import { retry } from '../../src/transitions/retry.ts'
import { runNow } from '../../src/transitions/run-now.ts'
import { runner } from '../../src/transitions/run.ts'
import { faultsOf } from '../support/invariants.ts'
import { rowsOf, table } from '../support/tables.ts'
import { claimAll, dispatchAll, end, hold, holdMany } from './invocations.ts'
import { endsOf } from './outcomes.ts'
import { enqueue, openQueue } from './race-queue.ts'
import { type Connect, openDrivers, rendezvous } from './racers.ts'
import { manage } from '../../src/manage/index.ts'

/** How many jobs are ready now. */
async function readyOf(driver: Driver): Promise<number> {
  const [row] = await rowsOf(driver, `select count(*) as count from ${table(driver, 'ready_executions')}`)
  return Number(row?.['count'])
}

/** Races of operators with each other, and with everything that claims, settles and dispatches. */
export function operatorRaces(connect: Connect): void {
  test('of retries and discards of the same failed jobs, one has each', async () => {
    const { drivers, first } = await openDrivers(connect, 8)
    const ids = await enqueue(first, 400)
    for (let left = ids.length; left > 0; left -= 100)
      await end(first, await hold(first, { max: 100 }), { kind: 'failed', error: '{"name":"Error"}' })
    const shuffled = [...ids].sort(() => Math.random() - 0.5)

    const [retried, discarded] = await Promise.all(
      [retry, discard].map(async (move) => {
        const done = await Promise.all(
          drivers.flatMap((driver, index) =>
            [ids, shuffled].map((list) =>
              runner(driver).run(
                move(driver.dialect, { ids: index % 2 === 0 ? list : list.toReversed(), state: 'failed' }),
              ),
            ),
          ),
        )
        return done.flat()
      }),
    )

    expect([...(retried ?? []), ...(discarded ?? [])].sort()).toEqual(ids)
    expect([...(await endsOf(first)).keys()].sort()).toEqual([...(retried ?? [])].sort())
    expect(await claimAll(first, { max: 500 })).toHaveLength(retried?.length ?? 0)
    expect(await faultsOf(first)).toEqual([])
  })

  test('of claims and discards of the same ready jobs, one has each', async () => {
    const { drivers, first } = await openDrivers(connect, 8)
    const ids = await enqueue(first, 600)
    // Nobody discards before everybody has claimed.
    const all = rendezvous(drivers.length)

    const [claimed, discarded] = await Promise.all([
      Promise.all(drivers.slice(0, 4).map((driver) => claimAll(driver, { max: 5, meet: () => all(driver) }))),
      Promise.all(
        drivers.slice(4).map(async (driver, index) => {
          const gone: string[] = []
          await all(driver)
          for (let from = 0; from < ids.length; from += 20) {
            const some = (index % 2 === 0 ? ids.toReversed() : ids).slice(from, from + 20)
            const moved = await runner(driver).run(discard(driver.dialect, { ids: some, state: 'ready' }))
            gone.push(...moved)
          }
          return gone
        }),
      ),
    ])

    expect([...claimed.flat(), ...discarded.flat()].sort()).toEqual(ids)
    expect([claimed.flat().length > 0, discarded.flat().length > 0]).toEqual([true, true])
    expect(await faultsOf(first)).toEqual([])
  })

  test('of cancels and settlements of the same jobs, one decides what becomes of each', async () => {
    const { drivers, first } = await openDrivers(connect, 8)
    const ids = await enqueue(first, 240)
    const holdings = await holdMany(first, 40, 5)

    const [settled, cancelled] = await Promise.all([
      Promise.all(
        holdings.map((holding, index) =>
          end(drivers[index % 4] as Driver, holding, {
            kind: (['retried', 'released', 'succeeded'] as const)[index % 3] as 'retried',
            error: '{"name":"Error"}',
            spent: index % 3 !== 1,
          }),
        ),
      ),
      Promise.all(
        drivers.slice(4).map(async (driver, index) => {
          const heard: [string, string][] = []
          const list = index % 2 === 0 ? ids : ids.toReversed()
          for (let from = 0; from < ids.length; from += 30) {
            const done = await runner(driver).run(
              cancel(driver.dialect, { ids: list.slice(from, from + 30), state: null }),
            )
            heard.push(...done)
          }
          return heard
        }),
      ),
    ])

    const ends = await endsOf(first)
    const heard = new Map(cancelled.flat())
    const stopped = settled.flatMap((map) => [...map].flatMap(([id, how]) => (how === 'cancelled' ? [id] : [])))
    // What ended in its turn: no other end may be seen of what was cancelled, and none of it runs.
    for (const id of [...stopped, ...[...heard].flatMap(([job, how]) => (how === 'cancelled' ? [job] : []))])
      expect(ends.get(id)).toMatch(/^finished/)
    for (const [id, how] of heard) if (how === 'requested') expect(ends.get(id)).toMatch(/^finished/)
    const again = [...(await claimAll(first, { max: 500 }))]
    expect(again.filter((id) => heard.has(id))).toEqual([])
    await dispatchAll(first)
    expect((await claimAll(first, { max: 500 })).filter((id) => heard.has(id))).toEqual([])
    expect(await faultsOf(first)).toEqual([])
  })

  test('a job that is told to run while it comes due is dispatched once', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 8)
    const { queue, racer } = openQueue(first)
    const jobs = await queue.enqueueAll(racer.using({ runAfter: '1m' }), Array.from({ length: 300 }, Object))
    const ids = jobs.map(({ id }) => id)
    advance(60_001)

    await Promise.all(
      drivers.map((driver, index) =>
        index % 2 === 0
          ? dispatchAll(driver)
          : runner(driver).run(runNow(driver.dialect, { ids: index % 4 === 1 ? ids : ids.toReversed() })),
      ),
    )

    expect((await claimAll(first, { max: 500 })).sort()).toEqual([...ids].sort())
    expect(await faultsOf(first)).toEqual([])
  })

  test('after a pause has been answered, nothing more of its queue is claimed', async () => {
    const { drivers, first } = await openDrivers(connect, 8)
    const ids = await enqueue(first, 1000)
    const { queue } = openQueue(first)
    const claimedLate: string[] = []
    let paused = false
    // Everybody has claimed once when it is paused, and goes on.
    const all = rendezvous(drivers.length)

    const claimed = await Promise.all([
      ...drivers.slice(1).map(async (driver) => {
        const held: string[] = []
        for (;;) {
          const late = paused
          const holding = await hold(driver, { max: 2 })
          await all(driver)
          if (late) claimedLate.push(...holding.ids)
          if (holding.ids.length === 0) return held
          held.push(...holding.ids)
          await end(driver, holding)
        }
      }),
      (async () => {
        await all(first)
        await manage(queue).queues.pause('default')
        paused = true
        return []
      })(),
    ])

    expect(claimedLate).toEqual([])
    expect(claimed.flat().length).toBeLessThan(ids.length)
    expect(await readyOf(first)).toBe(ids.length - claimed.flat().length)
    expect(await faultsOf(first)).toEqual([])
  })
}

import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { migrate, migrationsOf, schemaVersionOf } from '../../src/migrate.ts'
import { schemaVersion } from '../../src/schema-version.ts'
import { cancel } from '../../src/transitions/cancel.ts'
import { discard } from '../../src/transitions/discard.ts'
import { retry } from '../../src/transitions/retry.ts'
import { runNow } from '../../src/transitions/run-now.ts'
import { runner } from '../../src/transitions/run.ts'
import { faultsOf } from '../support/invariants.ts'
import { rowsOf, table } from '../support/tables.ts'
import {
  claimAll,
  contentsOf,
  dispatchAll,
  end,
  endsOf,
  hold,
  holdMany,
  invocationsOf,
  leaseMs,
  pruneAll,
} from './moves.ts'
import { type Connect, enqueue, openDrivers, openQueue, rendezvous } from './racers.ts'

/** How many jobs are ready now. */
async function readyOf(driver: Driver): Promise<number> {
  const [row] = await rowsOf(driver, `select count(*) as count from ${table(driver, 'ready_executions')}`)
  return Number(row?.['count'])
}

/** The races of any database that several reach at once. */
export function races(connect: Connect): void {
  test('of 2,000 jobs among ten work ticks, each is performed once', async () => {
    const { drivers, first } = await openDrivers(connect, 10)
    const ids = await enqueue(first, 2000)
    const performed: string[] = []
    const all = rendezvous(drivers.length)

    const reports = await Promise.all(
      drivers.map((driver, index) =>
        openQueue(driver, async (_, { job }) => {
          performed.push(job.id)
          // Nobody goes on before everybody has claimed: the ticks really are at work together.
          await all(index)
        }).queue.work(),
      ),
    )

    expect(performed.sort()).toEqual(ids)
    expect(reports.reduce((sum, { claimed }) => sum + claimed, 0)).toBe(2000)
    expect(reports.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(2000)
    expect(await faultsOf(first)).toEqual([])
  })

  test('of 2,000 jobs among 24 invocations that claim at the same instant, each is claimed by one', async () => {
    const { drivers, first } = await openDrivers(connect, 12)
    const ids = await enqueue(first, 2000)

    const all = rendezvous(24)
    const claimed = await Promise.all(
      [...drivers, ...drivers].map((driver, index) => claimAll(driver, { max: 7, meet: () => all(index) })),
    )

    expect(claimed.flat().sort()).toEqual(ids)
    expect(new Set((await endsOf(first)).values())).toEqual(new Set(['finished, 1 attempts, 0 errors']))
    expect(await faultsOf(first)).toEqual([])
  })

  test('of 24 first claims at the same instant, as many as maxInvocations get jobs', async () => {
    const { drivers, first } = await openDrivers(connect, 12)
    await enqueue(first, 300)

    for (let round = 1; round <= 10; round += 1) {
      const holdings = await Promise.all(
        [...drivers, ...drivers].map((driver) => hold(driver, { worker: 'default', maxInvocations: 3, max: 10 })),
      )
      const living = await invocationsOf(first)
      const admitted = holdings.filter(({ ids }) => ids.length > 0)
      await Promise.all(admitted.map((holding, index) => end(drivers[index] as Driver, holding)))

      expect({ round, living, admitted: admitted.map(({ ids }) => ids.length) }).toEqual({
        round,
        living: 3,
        admitted: [10, 10, 10],
      })
    }
    expect(await faultsOf(first)).toEqual([])
  })

  test('while work ticks come and go, never more than maxInvocations of them live', async () => {
    const { drivers, first } = await openDrivers(connect, 13)
    const sampler = drivers.pop() as Driver
    const ids = await enqueue(first, 200)
    const performed: string[] = []
    const counts: number[] = []
    const performing = new Set<number>()
    const atOnce: number[] = []
    const turnedAway: number[] = []
    // The first to come stay until all have come, so that the others find the door closed.
    const all = rendezvous(drivers.length)
    const drain = async (driver: Driver, index: number) => {
      let stop = new AbortController()
      const { queue } = openQueue(
        driver,
        async (_, { job }) => {
          performing.add(index)
          atOnce.push(performing.size)
          performed.push(job.id)
          await all(index)
          counts.push(await invocationsOf(driver))
          performing.delete(index)
          // The tick ends with this job: the next one is another invocation, and must be let in anew.
          stop.abort()
        },
        { worker: { maxInvocations: 3, concurrency: 1 } },
      )
      for (let tick = 1; performed.length < ids.length; tick += 1) {
        stop = new AbortController()
        const { claimed } = await queue.work({ signal: stop.signal })
        if (tick === 1 && claimed === 0) turnedAway.push(index)
        await all(index)
      }
    }
    const sample = async () => {
      while (performed.length < ids.length) counts.push(await invocationsOf(sampler))
    }

    await Promise.all([sample(), ...drivers.map(drain)])

    expect(turnedAway).toHaveLength(9)
    expect(Math.max(...counts)).toBe(3)
    expect(Math.max(...atOnce)).toBe(3)
    expect(performed.sort()).toEqual(ids)
    expect(await faultsOf(first)).toEqual([])
  })

  test('pruners at once settle each job of the lost invocations once', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 8)
    const failing = await enqueue(first, 150)
    const returning = await enqueue(first, 150, { maxAttempts: 2 })
    const holdings = await holdMany(first, 100, 3)
    // The rows of some are gone altogether.
    const orphans = holdings.slice(0, 20).map(({ processId }) => `'${processId}'`)
    await rowsOf(first, `delete from ${table(first, 'processes')} where id in (${orphans.join()})`)
    advance(leaseMs + 1)

    const pruned = (await Promise.all([...drivers, ...drivers].map((driver) => pruneAll(driver, { max: 5 })))).flat()

    const ends = await endsOf(first)
    expect(pruned.map(({ id }) => id).sort()).toEqual([...failing, ...returning].sort())
    expect(
      pruned
        .filter(({ kind }) => kind === 'retried')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(returning)
    expect(new Set(failing.map((id) => ends.get(id)))).toEqual(new Set(['failed, 1 attempts, 1 errors']))
    expect(new Set(returning.map((id) => ends.get(id)))).toEqual(new Set(['scheduled, 1 attempts, 1 errors']))
    expect(await faultsOf(first)).toEqual([])
  })

  test.each([
    { kind: 'succeeded', wins: 'finished, 1 attempts, 0 errors' },
    { kind: 'released', wins: 'ready, 0 attempts, 0 errors' },
  ] as const)('of pruners and late settlers, one has each job: $kind', async ({ kind, wins }) => {
    const { drivers, first, advance } = await openDrivers(connect, 10)
    const ids = await enqueue(first, 160, { maxAttempts: 2 })
    const holdings = await holdMany(first, 80, 2)
    advance(leaseMs + 1)

    const [pruned, settled] = await Promise.all([
      // First, since a pruner goes on by itself, and settlers are sent at once: a pool serves who came first.
      Promise.all(drivers.slice(5).map((driver) => pruneAll(driver, { max: 2 }))),
      // The oldest leases are pruned first, the newest settled first: they meet in the middle.
      Promise.all(
        holdings
          .toReversed()
          .map((holding, index) => end(drivers[index % 5] as Driver, holding, { kind, spent: kind === 'succeeded' })),
      ),
    ])

    const won = settled.flatMap((map) => [...map].flatMap(([id, how]) => (how === 'settled' ? [id] : [])))
    const lost = pruned.flat().map(({ id }) => id)
    const ends = await endsOf(first)
    expect([...won, ...lost].sort()).toEqual(ids)
    expect([won.length > 0, lost.length > 0]).toEqual([true, true])
    expect(won.filter((id) => ends.get(id) !== wins)).toEqual([])
    expect(lost.filter((id) => ends.get(id) !== 'scheduled, 1 attempts, 1 errors')).toEqual([])
    expect(await faultsOf(first)).toEqual([])
  })

  test('late settlers of jobs that others hold meanwhile are stale, and take nothing from them', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 8)
    const ids = await enqueue(first, 40, { maxAttempts: 3 })
    const lost = await holdMany(first, 8, 5)
    advance(leaseMs + 1)
    await pruneAll(first, { max: 50 })
    await dispatchAll(first)
    const holdings = await holdMany(first, 8, 5)
    const before = await contentsOf(first)

    const late = await Promise.all(
      (['succeeded', 'retried', 'failed', 'released'] as const).flatMap((kind) =>
        lost.map((holding, index) => end(drivers[index] as Driver, holding, { kind, error: '{"name":"LateError"}' })),
      ),
    )

    expect(await contentsOf(first)).toEqual(before)
    expect(new Set(late.flatMap((settled) => [...settled.values()]))).toEqual(new Set(['stale']))
    const settled = await Promise.all(holdings.map((holding, index) => end(drivers[index] as Driver, holding)))
    expect(settled.flatMap((map) => [...map.keys()]).sort()).toEqual(ids)
    expect(new Set((await endsOf(first)).values())).toEqual(new Set(['finished, 2 attempts, 1 errors']))
    expect(await faultsOf(first)).toEqual([])
  })

  test('jobs that are released while others prune and claim are held by one at a time', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 12)
    const ids = await enqueue(first, 200, { maxAttempts: 5 })
    const holdings = await holdMany(first, 50, 4)
    advance(leaseMs + 1)

    const [released, pruned, claimed] = await Promise.all([
      Promise.all(
        holdings.map((holding, index) =>
          end(drivers[index % 4] as Driver, holding, { kind: 'released', spent: false }),
        ),
      ),
      Promise.all(drivers.slice(4, 8).map((driver) => pruneAll(driver, { max: 1 }))),
      Promise.all(drivers.slice(8).flatMap((driver) => Array.from({ length: 10 }, () => claimAll(driver, { max: 3 })))),
    ])
    await dispatchAll(first)
    const rest = await claimAll(first, { max: 500 })

    const back = released.flatMap((map) => [...map].flatMap(([id, how]) => (how === 'settled' ? [id] : [])))
    const lost = pruned.flat().map(({ id }) => id)
    expect([...back, ...lost].sort()).toEqual(ids)
    expect([...claimed.flat(), ...rest].sort()).toEqual(ids)
    const ends = await endsOf(first)
    expect(back.filter((id) => ends.get(id) !== 'finished, 1 attempts, 0 errors')).toEqual([])
    expect(lost.filter((id) => ends.get(id) !== 'finished, 2 attempts, 1 errors')).toEqual([])
    expect(await faultsOf(first)).toEqual([])
  })

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
        return done.flatMap(([moved]) => moved)
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
            const [moved] = await runner(driver).run(discard(driver.dialect, { ids: some, state: 'ready' }))
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
    const ids = await enqueue(first, 240, { maxAttempts: 3 })
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
            const [done] = await runner(driver).run(
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
        await queue.pause('default')
        paused = true
        return []
      })(),
    ])

    expect(claimedLate).toEqual([])
    expect(claimed.flat().length).toBeLessThan(ids.length)
    expect(await readyOf(first)).toBe(ids.length - claimed.flat().length)
    expect(await faultsOf(first)).toEqual([])
  })

  test('eight migrations at once apply each migration once', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const { drivers, first } = await openDrivers(connect, 8, { migrated: false })

      const applied = await Promise.all(drivers.map((driver) => migrate(driver)))

      expect(applied.flat().sort()).toEqual(migrationsOf(first).map(({ name }) => name))
      expect(await schemaVersionOf(first)).toBe(schemaVersion)
      const ids = await enqueue(first, 3)
      const reports = await Promise.all(drivers.map((driver) => openQueue(driver).queue.tick()))
      expect(reports.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(ids.length)
      expect(await faultsOf(first)).toEqual([])
    }
  })

  test('a batch of jobs that ten send at once is stored once, and all are told so', async () => {
    const { drivers, first } = await openDrivers(connect, 12)
    const ids = Array.from({ length: 500 }, () => uuidv7())
    const performed: string[] = []
    const work = (driver: Driver) => openQueue(driver, (_, { job }) => void performed.push(job.id)).queue.work()

    const [sent] = await Promise.all([
      Promise.all(
        drivers.slice(0, 10).map((driver) => {
          const { queue, racer } = openQueue(driver)
          return queue.enqueueAll(ids.map((id) => racer.using({ id }).call()))
        }),
      ),
      // Some of them are performed while others are still being sent.
      ...drivers.slice(10).map(work),
    ])
    await work(first)

    for (const enqueued of sent) {
      expect(enqueued.map(({ id }) => id)).toEqual(ids)
      expect(enqueued.filter(({ state }) => !['ready', 'claimed', 'finished'].includes(state))).toEqual([])
    }
    expect(performed.sort()).toEqual(ids)
    expect((await endsOf(first)).size).toBe(ids.length)
    expect(await faultsOf(first)).toEqual([])
  })
}

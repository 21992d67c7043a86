import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { faultsOf } from '../support/invariants.ts'
import { rowsOf, table } from '../support/tables.ts'
import { claimAll, dispatchAll, end, holdMany, leaseMs, pruneAll } from './invocations.ts'
import { contentsOf, endsOf } from './outcomes.ts'
import { enqueue } from './race-queue.ts'
import { type Connect, openDrivers } from './racers.ts'

/** Races about jobs whose invocation was lost, or was late. */
export function lossRaces(connect: Connect): void {
  test('pruners at once settle each job of the lost invocations once', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 8)
    const failing = await enqueue(first, 150, { onLost: 'fail' })
    const returning = await enqueue(first, 150)
    const holdings = await holdMany(first, 100, 3)
    // The rows of some are gone altogether.
    const orphans = holdings.slice(0, 20).map(({ invocationId }) => `'${invocationId}'`)
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
    expect(new Set(failing.map((id) => ends.get(id)))).toEqual(new Set(['failed, 0 attempts, 1 losses, 1 errors']))
    expect(new Set(returning.map((id) => ends.get(id)))).toEqual(new Set(['scheduled, 0 attempts, 1 losses, 1 errors']))
    expect(await faultsOf(first)).toEqual([])
  })

  test.each([
    { kind: 'succeeded', wins: 'finished, 1 attempts, 0 losses, 0 errors' },
    { kind: 'released', wins: 'ready, 0 attempts, 0 losses, 0 errors' },
  ] as const)('of pruners and late settlers, one has each job: $kind', async ({ kind, wins }) => {
    const { drivers, first, advance } = await openDrivers(connect, 10)
    const ids = await enqueue(first, 160)
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
    expect(lost.filter((id) => ends.get(id) !== 'scheduled, 0 attempts, 1 losses, 1 errors')).toEqual([])
    expect(await faultsOf(first)).toEqual([])
  })

  test('late settlers of jobs that others hold meanwhile are stale, and take nothing from them', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 8)
    const ids = await enqueue(first, 40)
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
    expect(new Set((await endsOf(first)).values())).toEqual(new Set(['finished, 1 attempts, 1 losses, 1 errors']))
    expect(await faultsOf(first)).toEqual([])
  })

  test('jobs that are released while others prune and claim are held by one at a time', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 12)
    const ids = await enqueue(first, 200)
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
    expect(back.filter((id) => ends.get(id) !== 'finished, 1 attempts, 0 losses, 0 errors')).toEqual([])
    expect(lost.filter((id) => ends.get(id) !== 'finished, 1 attempts, 1 losses, 1 errors')).toEqual([])
    expect(await faultsOf(first)).toEqual([])
  })
}

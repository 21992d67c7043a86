import { expect, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { faultsOf } from '../support/invariants.ts'
import { claimAll, end, hold } from './invocations.ts'
import { endsOf, invocationsOf } from './outcomes.ts'
import { enqueue, openQueue } from './race-queue.ts'
import { type Connect, openDrivers, rendezvous } from './racers.ts'
import { work } from '../../src/ticks/index.ts'

/** Races for ready jobs, and for the right to work. */
export function claimRaces(connect: Connect): void {
  test('of 2,000 jobs among ten work ticks, each is performed once', async () => {
    const { drivers, first } = await openDrivers(connect, 10)
    const ids = await enqueue(first, 2000)
    const performed: string[] = []
    const all = rendezvous(drivers.length)

    const reports = await Promise.all(
      drivers.map((driver, index) =>
        work(
          openQueue(driver, async (_, { job }) => {
            performed.push(job.id)
            // Nobody goes on before everybody has claimed: the ticks really are at work together.
            await all(index)
          }).queue,
        ),
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
    expect(new Set((await endsOf(first)).values())).toEqual(new Set(['finished, 1 attempts, 0 losses, 0 errors']))
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
        const { claimed } = await work(queue, { signal: stop.signal })
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
    // Nine ticks that are turned away and a sampler never rest, and D1 does one batch at a time.
  }, 240_000)
}

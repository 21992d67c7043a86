import { type ChildProcess, fork } from 'node:child_process'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, expect, onTestFailed, onTestFinished, test } from 'vitest'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate, migrationsOf, schemaVersionOf } from '../../src/migrate.ts'
import { schemaVersion } from '../../src/schema-version.ts'
import { newFile } from '../support/folders.ts'
import { faultsOf } from '../support/invariants.ts'
import { claimAll, dispatchAll, holdMany, leaseMs, pruneAll } from './invocations.ts'
import { contentsOf, endsOf, invocationsOf } from './outcomes.ts'
import { enqueue } from './race-queue.ts'
import { recurringRaces } from './recurring.ts'
import { minutely, reportingOn } from './reporting.ts'
import type { Deeds, Given, Order, Report, Told } from './sqlite-racer.ts'
import { manage } from '../../src/manage/index.ts'
import { schedule } from '../../src/ticks/index.ts'

const begun = Date.UTC(2026, 0, 1)
/** When the leases of `holdMany` have expired. */
const later = begun + leaseMs + 1

/** Node processes of their own. They keep nothing from one race to the next, so all tests share them. */
let racers: readonly ChildProcess[] = []

const startRacers = () =>
  Array.from({ length: 4 }, () =>
    fork(new URL('./sqlite-racer.ts', import.meta.url), { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } }),
  )

function dismissRacers(): void {
  for (const racer of racers) racer.kill('SIGKILL')
  racers = []
}

afterAll(dismissRacers)

/** Each racer does its deed; all begin at the same moment. Their reports, in order. */
async function raceAll<Names extends readonly (keyof Deeds)[]>(
  { file, now = null }: { file: string; now?: number | null },
  deeds: { readonly [Index in keyof Names]: readonly [Names[Index], Given<Names[Index]>?] },
): Promise<{ -readonly [Index in keyof Names]: Report<Names[Index]> }> {
  if (racers.length === 0) racers = startRacers()
  // Some may wait for ever for one that failed.
  onTestFailed(dismissRacers)
  let waiting = 0
  const reports = deeds.map(
    ([deed, given], index) =>
      new Promise((resolve, reject) => {
        const racer = racers[index] as ChildProcess
        const gone = (code: number | null) => reject(new Error(`racer ${index} ended with ${code}`))
        racer.once('exit', gone)
        const hear = (told: Told) => {
          if (told.kind === 'meet') {
            waiting += 1
            if (waiting < deeds.length) return
            waiting = 0
            for (const each of racers.slice(0, deeds.length)) each.send({ met: true })
            return
          }
          racer.off('message', hear).off('exit', gone)
          if (told.kind === 'done') resolve(told.report)
          else reject(new Error(`racer ${index}, ${deed}: ${told.error}`))
        }
        racer.on('message', hear)
        racer.send({ deed, file, now, given } satisfies Order)
      }),
  )
  return (await Promise.all(reports)) as { -readonly [Index in keyof Names]: Report<Names[Index]> }
}

/** A migrated file and this process's own driver of it. */
async function openFile() {
  const file = newFile()
  let now = begun
  const driver = sqlite(file, { clock: () => now })
  onTestFinished(() => driver.close())
  await migrate(driver)
  return {
    file,
    driver,
    turnTo: (instant: number) => {
      now = instant
    },
  }
}

test('of 2,000 jobs among four processes that claim at once, each is claimed by one', async () => {
  const { file, driver } = await openFile()
  const ids = await enqueue(driver, 2000)

  const claimed = await raceAll({ file }, [
    ['claimAll', { max: 7, together: true }],
    ['claimAll', { max: 7, together: true }],
    ['claimAll', { max: 7, together: true }],
    ['claimAll', { max: 7, together: true }],
  ])

  expect(claimed.flat().sort()).toEqual(ids)
  expect(new Set((await endsOf(driver)).values())).toEqual(new Set(['finished, 1 attempts, 0 losses, 0 errors']))
  expect(await faultsOf(driver)).toEqual([])
})

test('while work ticks of four processes come and go, each job is performed once, by at most maxInvocations', async () => {
  const { file, driver } = await openFile()
  const ids = await enqueue(driver, 500)

  const reports = await raceAll({ file }, [
    ['work', { file, maxInvocations: 2, perTick: 7 }],
    ['work', { file, maxInvocations: 2, perTick: 7 }],
    ['work', { file, maxInvocations: 2, perTick: 7 }],
    ['work', { file, maxInvocations: 2, perTick: 7 }],
  ])

  expect(reports.flatMap(({ performed }) => performed).sort()).toEqual(ids)
  expect(reports.filter(({ turnedAwayFirst }) => turnedAwayFirst)).toHaveLength(2)
  expect(Math.max(...reports.map(({ most }) => most))).toBe(2)
  expect(await faultsOf(driver)).toEqual([])
})

test('of first claims of four processes at once, as many as maxInvocations get jobs', async () => {
  const { file, driver } = await openFile()
  await enqueue(driver, 300)
  for (let round = 1; round <= 5; round += 1) {
    const given = { times: 5, maxInvocations: 3, max: 5 }
    const holdings = await raceAll({ file, now: begun }, [
      ['hold', given],
      ['hold', given],
      ['hold', given],
      ['hold', given],
    ])
    const living = await invocationsOf(driver)
    await raceAll({ file, now: begun }, [['end', { holdings: holdings.flat(), kind: 'succeeded' }]])

    expect({ round, living, held: holdings.flat().map(({ ids }) => ids.length) }).toEqual({
      round,
      living: 3,
      held: [5, 5, 5],
    })
  }
  expect(await faultsOf(driver)).toEqual([])
})

test('pruners of four processes settle each job of the lost invocations once', async () => {
  const { file, driver } = await openFile()
  const failing = await enqueue(driver, 150, { onLost: 'fail' })
  const returning = await enqueue(driver, 150)
  await holdMany(driver, 100, 3)

  const pruned = (
    await raceAll({ file, now: later }, [
      ['pruneAll', { max: 2, together: true }],
      ['pruneAll', { max: 2, together: true }],
      ['pruneAll', { max: 2, together: true }],
      ['pruneAll', { max: 2, together: true }],
    ])
  ).flat()

  const ends = await endsOf(driver)
  expect(pruned.map(({ id }) => id).sort()).toEqual([...failing, ...returning].sort())
  expect(
    pruned
      .filter(({ kind }) => kind === 'retried')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(returning)
  expect(new Set(failing.map((id) => ends.get(id)))).toEqual(new Set(['failed, 0 attempts, 1 losses, 1 errors']))
  expect(new Set(returning.map((id) => ends.get(id)))).toEqual(new Set(['scheduled, 0 attempts, 1 losses, 1 errors']))
  expect(await faultsOf(driver)).toEqual([])
})

test.each([
  { kind: 'succeeded', wins: 'finished, 1 attempts, 0 losses, 0 errors' },
  { kind: 'released', wins: 'ready, 0 attempts, 0 losses, 0 errors' },
] as const)('of pruners and a late settler in other processes, one has each job: $kind', async ({ kind, wins }) => {
  const { file, driver } = await openFile()
  const ids = await enqueue(driver, 200)
  const holdings = await holdMany(driver, 100, 2)

  // Pruners take the oldest lease first, the settlers the newest: they meet in the middle.
  const newest = holdings.toReversed()
  const [one, two, ...pruned] = await raceAll({ file, now: later }, [
    ['end', { holdings: newest.filter((_, index) => index % 2 === 0), kind, together: true }],
    ['end', { holdings: newest.filter((_, index) => index % 2 === 1), kind, together: true }],
    ['pruneAll', { max: 1, together: true }],
    ['pruneAll', { max: 1, together: true }],
  ])

  const won = [...one, ...two].flatMap(([id, how]) => (how === 'settled' ? [id] : []))
  const lost = pruned.flat().map(({ id }) => id)
  const ends = await endsOf(driver)
  expect([...won, ...lost].sort()).toEqual(ids)
  expect([won.length > 0, lost.length > 0]).toEqual([true, true])
  expect(won.filter((id) => ends.get(id) !== wins)).toEqual([])
  expect(lost.filter((id) => ends.get(id) !== 'scheduled, 0 attempts, 1 losses, 1 errors')).toEqual([])
  expect(await faultsOf(driver)).toEqual([])
})

test('late settlers of jobs that another process holds meanwhile are stale, and take nothing from it', async () => {
  const { file, driver, turnTo } = await openFile()
  const ids = await enqueue(driver, 40)
  const lost = await holdMany(driver, 8, 5)
  turnTo(later)
  await pruneAll(driver, { max: 50 })
  await dispatchAll(driver)
  const holdings = await holdMany(driver, 8, 5)
  const before = await contentsOf(driver)
  const late = await raceAll({ file, now: later }, [
    ['end', { holdings: lost, kind: 'succeeded' }],
    ['end', { holdings: lost, kind: 'retried' }],
    ['end', { holdings: lost, kind: 'failed' }],
    ['end', { holdings: lost, kind: 'released' }],
  ])

  expect(await contentsOf(driver)).toEqual(before)
  expect(new Set(late.flat().map(([, how]) => how))).toEqual(new Set(['stale']))
  const [settled] = await raceAll({ file, now: later }, [['end', { holdings, kind: 'succeeded' }]])
  expect(settled.map(([id]) => id).sort()).toEqual(ids)
  expect(new Set((await endsOf(driver)).values())).toEqual(new Set(['finished, 1 attempts, 1 losses, 1 errors']))
  expect(await faultsOf(driver)).toEqual([])
})

test('jobs that are released while other processes prune and claim are held by one at a time', async () => {
  const { file, driver, turnTo } = await openFile()
  const ids = await enqueue(driver, 200)
  const holdings = await holdMany(driver, 50, 4)

  const [released, pruned, ...claimed] = await raceAll({ file, now: later }, [
    ['end', { holdings: holdings.toReversed(), kind: 'released', together: true }],
    ['pruneAll', { max: 1, together: true }],
    ['claimAll', { max: 3, together: true }],
    ['claimAll', { max: 3, together: true }],
  ])
  turnTo(later)
  await dispatchAll(driver)
  const rest = await claimAll(driver, { max: 500 })

  const back = released.flatMap(([id, how]) => (how === 'settled' ? [id] : []))
  const lost = pruned.map(({ id }) => id)
  const ends = await endsOf(driver)
  expect([...back, ...lost].sort()).toEqual(ids)
  expect([...claimed.flat(), ...rest].sort()).toEqual(ids)
  expect(back.filter((id) => ends.get(id) !== 'finished, 1 attempts, 0 losses, 0 errors')).toEqual([])
  expect(lost.filter((id) => ends.get(id) !== 'finished, 1 attempts, 1 losses, 1 errors')).toEqual([])
  expect(await faultsOf(driver)).toEqual([])
})

test('four processes that open and migrate one new file at once apply each migration once', async () => {
  for (let round = 1; round <= 10; round += 1) {
    const file = newFile()

    const applied = await raceAll({ file }, [['migrate'], ['migrate'], ['migrate'], ['migrate']])

    const driver = sqlite(file)
    onTestFinished(() => driver.close())
    expect(applied.flat().sort()).toEqual(migrationsOf(driver.dialect).map(({ name }) => name))
    expect(await schemaVersionOf(driver)).toBe(schemaVersion)
    await enqueue(driver, 3)
    const claimed = await raceAll({ file }, [
      ['claimAll', { max: 1 }],
      ['claimAll', { max: 1 }],
    ])
    expect(claimed.flat()).toHaveLength(3)
    expect(await faultsOf(driver)).toEqual([])
  }
})

test('a batch of jobs that four processes send at once is stored once, and all are told so', async () => {
  const { file, driver } = await openFile()
  for (let round = 1; round <= 5; round += 1) {
    const ids = Array.from({ length: 300 }, () => uuidv7())
    const sent = await raceAll({ file }, [
      ['enqueue', { ids }],
      ['enqueue', { ids: ids.toReversed() }],
      ['enqueue', { ids: ids.slice(100) }],
      ['enqueue', { ids }],
    ])
    const claimed = await claimAll(driver, { max: 1000 })

    expect(sent.map((jobs) => jobs.length)).toEqual([300, 300, 200, 300])
    expect(new Set(sent.flat().map(({ state }) => state))).toEqual(new Set(['ready']))
    expect(claimed.sort()).toEqual(ids)
    expect(await faultsOf(driver)).toEqual([])
  }
})

test('of an occurrence that four processes find due at once, one job is enqueued, time after time', async () => {
  const file = newFile()
  let now = begun
  const driver = sqlite(file, { clock: () => now })
  const queue = reportingOn(driver, minutely)
  onTestFinished(() => driver.close())
  await migrate(driver)
  await schedule(queue)
  for (let round = 1; round <= 10; round += 1) {
    now = begun + round * 60_000
    const reports = await raceAll({ file, now }, [['schedule'], ['schedule'], ['schedule'], ['schedule']])

    expect(reports.reduce((sum, enqueued) => sum + enqueued, 0)).toBe(2)
  }

  expect((await manage(queue).recurring.occurrences('a')).map(({ runAt }) => runAt.getTime())).toEqual(
    Array.from({ length: 10 }, (_, index) => begun + (10 - index) * 60_000),
  )
  expect((await manage(queue).jobs.list({ state: 'ready' })).items.length).toBe(20)
})

/** Ten connections of one process: their batches come between those of the others. */
const files = new Map<string, string>()
recurringRaces(({ schema, clock }) => {
  const file = files.get(schema) ?? newFile()
  files.set(schema, file)
  return sqlite(file, { clock })
})

import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver } from '../../src/dialects/driver.ts'
import { DatabaseError, defineQueue, FinalError, fixed, task } from '../../src/index.ts'
import { brokenJobs, heldBeyond } from '../support/invariants.ts'
import { type Operation, operations } from '../support/operations.ts'
import { silent } from '../support/silent.ts'
import { hold } from './invocations.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, maintain, prune, work } from '../../src/ticks/index.ts'

// Limited jobs under everything that can happen to them at once. The processes of the SQLite race run it too, so there is
// no vitest here.

/** Each key's limit. */
export const limits: Readonly<Record<string, number>> = { 'g/a': 1, 'g/b': 1, 'g/c': 2, 'g/d': 2, 'g/e': 5 }

interface Payload {
  readonly key: string
  /** Fails with its first attempts, or for good. */
  readonly fails: number | 'for good'
  readonly ms: number
}

/** From when to when a key's job was performed, by the machine's clock. */
export interface Performing {
  readonly id: string
  readonly key: string
  readonly from: number
  readonly to: number
  readonly succeeded: boolean
}

const now = () => Number(process.hrtime.bigint() / 1000n)
const chance = (share: number) => Math.random() < share
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

/** What one participant does until it is told to stop. */
export interface Crew {
  readonly producers: number
  readonly workers: number
  /** Invocations that claim, and vanish; operators; and all the actors of ticks. */
  readonly disturbed: boolean
  /** Jobs that each producer enqueues. */
  readonly jobs: number
}

/** What it did and saw. */
export interface Seen {
  readonly performings: readonly Performing[]
  /** The jobs that were stored. */
  readonly stored: readonly string[]
  readonly discarded: readonly string[]
  /** What was never to be seen, in any snapshot. */
  readonly broken: readonly string[]
  readonly snapshots: number
  readonly deadlocks: number
}

/** Runs a crew on a database until its producers are done and nothing is left to do. */
export async function raceLimits(given: Driver, { producers, workers, disturbed, jobs }: Crew): Promise<Seen> {
  let deadlocks = 0
  const driver: Driver = {
    ...given,
    async batch(statements) {
      try {
        return await given.batch(statements)
      } catch (error) {
        const cause = error instanceof DatabaseError ? (error.cause as { code?: unknown }) : {}
        if (cause?.code === '40P01') deadlocks += 1
        throw error
      }
    },
  }
  const performings: Performing[] = []
  const performing = async (
    { key, fails, ms }: Payload,
    { job, attempt }: { job: { id: string }; attempt: number },
  ) => {
    const from = now()
    await sleep(ms)
    const succeeded = fails !== 'for good' && attempt > fails
    performings.push({ id: job.id, key, from, to: now(), succeeded })
    if (fails === 'for good') throw new FinalError('never')
    if (!succeeded) throw new Error('not yet')
  }
  const limited = (limit: number, onConflict: 'block' | 'skip') =>
    task(`${onConflict}-${limit}`, {
      run: performing,
      maxAttempts: 4,
      backoff: fixed(Math.floor(Math.random() * 20)),
      concurrency: { key: ({ key }: Payload) => key.slice(2), limit, group: 'g', onConflict },
    })
  const blocks = new Map([1, 2, 5].map((limit) => [limit, limited(limit, 'block')]))
  const skips = new Map([1, 2, 5].map((limit) => [limit, limited(limit, 'skip')]))
  const queue = defineQueue({
    tasks: [...blocks.values(), ...skips.values()],
    connect: () => ({ driver }),
    logger: silent,
    workers: { default: { concurrency: 5, maxInvocations: 1000 } },
  }).open()

  const callOf = () => {
    const key = pick(Object.keys(limits))
    const of = (chance(0.1) ? skips : blocks).get(limits[key] as number)
    const fails = chance(0.14) ? 1 : chance(0.05) ? ('for good' as const) : 0
    const set = of?.using({ priority: Math.floor(Math.random() * 3), ...(chance(0.2) ? { runAfter: 20 } : {}) })
    return (set as NonNullable<typeof set>).call({ key, fails, ms: Math.floor(Math.random() * 3) })
  }
  const stored: string[] = []
  const discarded: string[] = []
  const produce = async () => {
    for (let left = jobs; left > 0;) {
      const count = Math.min(left, chance(0.7) ? 1 : 1 + Math.floor(Math.random() * 20))
      left -= count
      const placed = await queue.enqueueAll(Array.from({ length: count }, callOf))
      for (const { id } of placed) if (id !== null) stored.push(id)
      await sleep(Math.random() * 4)
    }
  }

  let producing = true
  const stop = new AbortController()
  const whileRunning = async (step: () => Promise<unknown>, pauseMs: number) => {
    while (!stop.signal.aborted) {
      await step()
      await sleep(Math.random() * pauseMs)
    }
  }
  const vanish = async () => {
    if (producing) await hold(driver, { max: 1 + Math.floor(Math.random() * 3), leaseMs: 100, worker: 'vanishing' })
  }
  const disturb = async () => {
    if (!producing || stored.length === 0) return
    const id = pick(stored)
    const operation = pick(Object.keys(operations) as Operation[])
    const done = await operations[operation](queue, id).catch((error: { code?: unknown }) => {
      if (operation !== 'discard' || error.code !== 'JOB_CLAIMED') throw error
      return false
    })
    if (operation === 'discard' && done) discarded.push(id)
  }

  const broken: string[] = []
  let snapshots = 0
  const check = async () => {
    broken.push(...(await brokenJobs(driver)).map(({ fault, id }) => `${fault}: ${id}`))
    broken.push(...(await heldBeyond(driver, limits)))
    snapshots += 1
  }

  const done = async () => {
    await Promise.all(Array.from({ length: producers }, produce))
    producing = false
    for (;;) {
      const { ready, claimed, scheduled, blocked } = await manage(queue).jobs.counts()
      const idle = ready.count + claimed.count + scheduled.count
      // Nobody maintains any more: what is blocked now would stay so.
      if (idle === 0) break
      await sleep(20 + Number(blocked.more))
    }
    stop.abort()
  }
  await Promise.all([
    done(),
    ...Array.from({ length: workers }, () => whileRunning(() => work(queue), 5)),
    ...(disturbed
      ? [
          whileRunning(() => dispatch(queue), 10),
          whileRunning(() => dispatch(queue), 10),
          whileRunning(() => prune(queue), 30),
          whileRunning(() => prune(queue), 30),
          whileRunning(() => (producing ? maintain(queue) : sleep(5)), 40),
          whileRunning(vanish, 10),
          whileRunning(disturb, 2),
          whileRunning(disturb, 2),
          whileRunning(check, 60),
        ]
      : []),
  ])
  return { performings, stored, discarded, broken, snapshots, deadlocks }
}

/** The most performings of each key at once. */
export function overlaps(performings: readonly Performing[]): Record<string, number> {
  const most: Record<string, number> = {}
  for (const key of Object.keys(limits)) {
    const turns = performings
      .filter((performing) => performing.key === key)
      .flatMap(({ from, to }) => [
        { at: from, by: 1 },
        { at: to, by: -1 },
      ])
      .toSorted((one, other) => one.at - other.at || one.by - other.by)
    let at = 0
    most[key] = 0
    for (const { by } of turns) {
      at += by
      most[key] = Math.max(most[key] ?? 0, at)
    }
  }
  return most
}

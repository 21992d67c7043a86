import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '../../src/drivers/sqlite.ts'
import type { Driver } from '../../src/dialects/driver.ts'
import type { Ending } from '../../src/dialects/moves.ts'
import { migrate } from '../../src/migrate.ts'
import { table } from '../support/tables.ts'
import { claimAll, end, hold, type Holding, pruneAll } from './invocations.ts'
import { openQueue } from './race-queue.ts'
import { minutely, reportingOn } from './reporting.ts'
import { schedule, work } from '../../src/ticks/index.ts'

// A process of its own in a race on one file: test/races/sqlite.test.ts starts several, and tells them what to do.

/** Resolves when every racer of this order has come here. */
const meet = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('message', () => resolve())
    process.send?.({ kind: 'meet' } satisfies Told)
  })

/** What a racer can be told to do. It begins when all are ready. */
const deeds = {
  migrate: (driver: Driver) => migrate(driver),

  /** Runs work ticks, each of which ends after `perTick` jobs, until nothing is ready. */
  async work(
    driver: Driver,
    { file, maxInvocations, perTick }: { file: string; maxInvocations: number; perTick: number },
  ) {
    // It only reads, which waits for no writer: a batch of the driver would queue up with those that are racing.
    const reader = new DatabaseSync(file, { readOnly: true })
    const count = (name: string) =>
      Number(reader.prepare(`select count(*) as count from ${table(driver, name)}`).get()?.['count'])
    const performed: string[] = []
    const counts: number[] = []
    let stop = new AbortController()
    let left = perTick
    // Nobody goes on before everybody's first claim has been answered: the first to come are at work then, all at once.
    let met: Promise<void> | null = null
    const { queue } = openQueue(
      driver,
      async (_, { job }) => {
        performed.push(job.id)
        await (met ??= meet())
        counts.push(count('processes'))
        left -= 1
        if (left === 0) stop.abort()
      },
      { worker: { maxInvocations, concurrency: 5 } },
    )
    let turnedAwayFirst = false
    for (;;) {
      stop = new AbortController()
      left = perTick
      const { claimed } = await work(queue, { signal: stop.signal })
      if (claimed > 0) continue
      if (!met) {
        turnedAwayFirst = true
        await (met = meet())
      }
      if (count('ready_executions') > 0) continue
      reader.close()
      return { performed, most: Math.max(0, ...counts), turnedAwayFirst }
    }
  },

  /** `together`: goes on when everybody's first claim has been answered. */
  claimAll: (driver: Driver, { max, together = false }: { max: number; together?: boolean }) =>
    claimAll(driver, { max, ...(together ? { meet } : {}) }),

  /** First claims of one worker. */
  async hold(driver: Driver, { times, maxInvocations, max }: { times: number; maxInvocations: number; max: number }) {
    const holdings: Holding[] = []
    for (let time = 1; time <= times; time += 1)
      holdings.push(await hold(driver, { worker: 'default', maxInvocations, max }))
    return holdings.filter(({ ids }) => ids.length > 0)
  },

  /** `together`: goes on when everybody's first batch has been answered. */
  pruneAll: (driver: Driver, { max, together = false }: { max: number; together?: boolean }) =>
    pruneAll(driver, { max, ...(together ? { meet } : {}) }),

  /** Ends these invocations, in order. Job id → what became of its ending. `together`: goes on when all have begun. */
  async end(
    driver: Driver,
    { holdings, kind, together = false }: { holdings: readonly Holding[]; kind: Ending['kind']; together?: boolean },
  ) {
    const settled: [string, string][] = []
    for (const [index, holding] of holdings.entries()) {
      settled.push(...(await end(driver, holding, { kind, spent: kind !== 'released', error: lateError(kind) })))
      if (index === 0 && together) await meet()
    }
    return settled
  },

  /** Schedules once; how many jobs it enqueued. */
  async schedule(driver: Driver) {
    const { enqueued } = await schedule(reportingOn(driver, minutely))
    return enqueued
  },

  async enqueue(driver: Driver, { ids }: { ids: readonly string[] }) {
    const { queue, racer } = openQueue(driver)
    return queue.enqueueAll(ids.map((id) => racer.using({ id }).call()))
  },
}

const lateError = (kind: Ending['kind']) =>
  kind === 'failed' || kind === 'retried' ? '{"name":"LateError","message":"late","stack":null,"attempt":1}' : null

export type Deeds = typeof deeds
/** What a deed is given, beside the driver. */
export type Given<Name extends keyof Deeds> = Parameters<Deeds[Name]>[1]
export type Report<Name extends keyof Deeds> = Awaited<ReturnType<Deeds[Name]>>

/** Sent to a racer; what it then says is `Told`. */
export interface Order {
  readonly deed: keyof Deeds
  readonly file: string
  /** The database's clock stands here; null: it runs. */
  readonly now: number | null
  readonly given: unknown
}

export type Told =
  | { readonly kind: 'meet' }
  | { readonly kind: 'done'; readonly report: unknown }
  | { readonly kind: 'failed'; readonly error: string }

async function obey({ deed, file, now, given }: Order): Promise<Told> {
  // On a new file, opening is a part of the race.
  if (deed === 'migrate') await meet()
  const driver = sqlite(file, now === null ? {} : { clock: () => now })
  try {
    if (deed !== 'migrate') await meet()
    const act = deeds[deed] as (driver: Driver, given: unknown) => Promise<unknown>
    return { kind: 'done', report: await act(driver, given) }
  } finally {
    await driver.close()
  }
}

process.on('message', (message: Order | { met: true }) => {
  if ('met' in message) return
  void obey(message)
    .catch((error: unknown): Told => ({
      kind: 'failed',
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then((told) => process.send?.(told))
})

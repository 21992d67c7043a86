import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { parsers } from '../../src/dialects/postgres/parsers.ts'
import type { Result } from '../../src/dialects/query.ts'
import { enqueue as enqueueJobs } from '../../src/transitions/enqueue.ts'
import { prune } from '../../src/transitions/prune.ts'
import { runner } from '../../src/transitions/run.ts'
import { batchOf, type Transition } from '../../src/transitions/transition.ts'
import { faultsOf } from '../support/invariants.ts'
import { newJob } from '../support/jobs.ts'
import { rowsOf, table } from '../support/tables.ts'
import { claimAll, claimOf, end, endingsOf, hold, leaseMs, pruneAll } from './invocations.ts'
import { endsOf } from './outcomes.ts'
import { enqueue, openQueue } from './race-queue.ts'
import { type Connect, openDrivers } from './racers.ts'

/** Sends the statements of a move, and leaves its transaction open. */
async function begin<T>(driver: Driver, transition: Transition<T>) {
  const client = new Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('begin isolation level read committed')
  const results: Result[] = []
  for (const { sql, parameters } of batchOf(driver.dialect, transition).statements) {
    const { rows, rowCount } = await client.query<Record<string, unknown>>({
      text: sql,
      values: [...parameters],
      types: parsers,
    })
    results.push({ rows, affected: rowCount ?? 0 })
  }
  return {
    answer: transition.read(results.slice(-transition.statements.length), { resent: false }),
    commit: () => client.query('commit'),
    rollback: () => client.query('rollback'),
  }
}

/** How many statements on these tables wait for a lock now. */
async function blockedOf(driver: Driver): Promise<number> {
  const rows = await rowsOf(
    driver,
    `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%${driver.dialect.schema}%'`,
  )
  return rows.length
}

const patience = { interval: 5, timeout: 10_000 }

/** Races that meet at a lock of Postgres: one transaction is kept open until the others are seen to wait for it. */
export function lockRaces(connect: Connect): void {
  test.each(['succeeded', 'retried', 'failed', 'released'] as const)(
    'a settlement that waits for a pruner is stale and changes nothing: %s',
    async (kind) => {
      const { drivers, first, advance } = await openDrivers(connect, 8)
      await enqueue(first, 2)
      const holding = await hold(first, { max: 2 })
      advance(leaseMs + 1)
      const pruning = await begin(first, prune(first.dialect, { max: 50 }))

      const error = '{"name":"LateError","message":"late","stack":null,"attempt":1}'
      const late = end(drivers[1] as Driver, holding, { kind, error })
      await expect.poll(() => blockedOf(first), patience).toBe(1)
      await pruning.commit()
      const settled = await late

      expect(pruning.answer.map(({ id }) => id).sort()).toEqual([...holding.ids].sort())
      expect([...settled.values()]).toEqual(['stale', 'stale'])
      expect(new Set((await endsOf(first)).values())).toEqual(new Set(['scheduled, 0 attempts, 1 losses, 1 errors']))
      expect(await faultsOf(first)).toEqual([])
    },
  )

  test.each([
    { kind: 'succeeded', wins: 'finished, 1 attempts, 0 losses, 0 errors' },
    { kind: 'released', wins: 'ready, 0 attempts, 0 losses, 0 errors' },
  ] as const)('pruners leave an invocation alone while it settles: $kind', async ({ kind, wins }) => {
    const { drivers, first, advance } = await openDrivers(connect, 8)
    await enqueue(first, 3)
    const { invocationId, ids } = await hold(first, { max: 3 })
    const [kept, ...settled] = ids
    advance(leaseMs + 1)
    const settling = await begin(
      first,
      endingsOf(first, { invocationId, ids: settled }, { kind, spent: kind === 'succeeded' }),
    )

    const meanwhile = await Promise.all(drivers.map((driver) => pruneAll(driver, { max: 50 })))
    await settling.commit()
    const after = await Promise.all(drivers.map((driver) => pruneAll(driver, { max: 50 })))

    const ends = await endsOf(first)
    expect(meanwhile.flat()).toEqual([])
    expect([...settling.answer]).toEqual(settled.map((id) => [id, 'settled']))
    expect(after.flat().map(({ id }) => id)).toEqual([kept])
    expect(settled.map((id) => ends.get(id))).toEqual([wins, wins])
    expect(await faultsOf(first)).toEqual([])
  })

  test('batches that hold the same jobs in opposite order, and wait for each other, are both stored', async () => {
    const { drivers, first } = await openDrivers(connect, 8)
    const [a, b, between, betweenToo] = Array.from({ length: 4 }, () => uuidv7()) as [string, string, string, string]
    const send = (driver: Driver, ids: readonly string[]) => {
      const { queue, racer } = openQueue(driver)
      return queue.enqueueAll(ids.map((id) => racer.using({ id }).call()))
    }
    const sent = [
      [a, between, b],
      [b, betweenToo, a],
    ]
    // Both stop half way, at an id that a third one holds, so that each has stored what the other one comes to next.
    const third = await begin(
      first,
      enqueueJobs(first.dialect, {
        jobs: [between, betweenToo].map((id) => newJob({ id, task: 'race', maxAttempts: 1 })),
      }),
    )

    const storing = Promise.all(sent.map((ids, index) => send(drivers[index + 1] as Driver, ids)))
    await expect.poll(() => blockedOf(first), patience).toBe(2)
    await third.rollback()
    const stored = await storing

    expect(stored.map((jobs) => jobs.map(({ id }) => id))).toEqual(sent)
    expect(new Set((await endsOf(first)).keys())).toEqual(new Set([a, b, between, betweenToo]))
    expect((await claimAll(first, { max: 10 })).sort()).toEqual([a, b, between, betweenToo].sort())
    expect(await faultsOf(first)).toEqual([])
  })

  // A connection that breaks leaves its batch running in the server, and the runner sends the batch again.
  test.each([
    { which: 'first', claim: 1, first: true },
    { which: 'later', claim: 2, first: false },
  ])('a $which claim that is sent again while it still runs claims nothing more', async ({ claim, first: isFirst }) => {
    const { drivers, first } = await openDrivers(connect, 8)
    await enqueue(first, 20)
    const before = isFirst ? { invocationId: uuidv7(), ids: [] } : await hold(first, { max: 1 })
    const { invocationId } = before
    const set = { invocationId, claim, first: isFirst, max: 5 }
    const running = await begin(first, claimOf(first, set))

    let answered = false
    const again = runner(drivers[1] as Driver)
      .run(claimOf(first, set))
      .finally(() => {
        answered = true
      })
    await expect.poll(async () => answered || (await blockedOf(first)) > 0, patience).toBe(true)
    await running.commit()
    const jobs = await again

    const held = await rowsOf(first, `select job_id from ${table(first, 'claimed_executions')} where claim = ${claim}`)
    expect(held.map((row) => row['job_id']).sort()).toEqual(running.answer.map(({ id }) => id).sort())
    expect(jobs).toEqual(running.answer)
    await end(first, { invocationId, ids: jobs.map(({ id }) => id) }, { claim })
    await end(first, before)
    expect(await faultsOf(first)).toEqual([])
  })
}

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Ending, NewJob } from '../../src/dialects/moves.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { parseQueuePatterns } from '../../src/job/queue-patterns.ts'
import { migrate } from '../../src/migrate.ts'
import { claim } from '../../src/transitions/claim.ts'
import { clear } from '../../src/transitions/clear.ts'
import { dispatch } from '../../src/transitions/dispatch.ts'
import { enqueue } from '../../src/transitions/enqueue.ts'
import { find } from '../../src/transitions/find.ts'
import { renew, retire } from '../../src/transitions/lease.ts'
import { look } from '../../src/transitions/look.ts'
import { prune } from '../../src/transitions/prune.ts'
import { retry } from '../../src/transitions/retry.ts'
import { settle } from '../../src/transitions/settle.ts'
import { batchOf, combine, type Transition } from '../../src/transitions/transition.ts'
import { type Reading, readPostgres, readSqlite } from '../support/plans.ts'
import {
  type Counts,
  counts,
  empty,
  few,
  fill,
  firstOf,
  invocations,
  jobId,
  pause,
  queueNames,
  type Shape,
} from './fill.ts'

const first = firstOf(counts)

/** When the statistics that the planner goes by were collected. */
type Analyzed = 'never' | 'on a quiet day' | 'now'

interface Scene {
  readonly shape: Shape
  readonly analyzed: Analyzed
}

const scenes: readonly Scene[] = [
  { shape: 'varied', analyzed: 'never' },
  { shape: 'varied', analyzed: 'on a quiet day' },
  { shape: 'varied', analyzed: 'now' },
  { shape: 'alike', analyzed: 'never' },
  { shape: 'alike', analyzed: 'now' },
]

/** Tables of one dialect, filled, and how the plan of a transition is read there. */
interface Store {
  read(of: (dialect: Dialect) => Transition<unknown>, options: { paused: boolean }): Promise<Reading>
  close(): Promise<void>
}

const stores: Readonly<Record<Dialect['name'], (scene: Scene) => Promise<Store>>> = {
  sqlite: async (scene) => {
    const file = join(mkdtempSync(join(tmpdir(), 'steadytick-plans-')), 'queue.db')
    const driver = sqlite(file)
    await migrate(driver)
    await driver.batch(filling('sqlite', scene, 'analyze').map((sql) => ({ sql, parameters: [] })))
    await driver.close()
    const { dialect } = driver
    return {
      read: async (of, { paused }) =>
        readSqlite(file, statementsOf(dialect, of), {
          prefix: dialect.prefix,
          before: paused ? [pause('sqlite', 'mail')] : [],
        }),
      close: async () => rmSync(dirname(file), { recursive: true }),
    }
  },
  postgres: async (scene) => {
    const schema = `s${randomBytes(8).toString('hex')}`
    const driver = pg({ connectionString: inject('postgresUrl'), max: 1 }, { schema })
    await migrate(driver)
    await driver.close()
    const { dialect } = driver
    const client = new Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    await client.query(`set search_path to ${schema}`)
    // The statistics are those of the scene, not what autovacuum came to in the meantime.
    for (const name of ['jobs', 'ready_executions', 'scheduled_executions', 'failed_executions', 'claimed_executions'])
      await client.query(`alter table ${dialect.prefix}${name} set (autovacuum_enabled = off)`)
    for (const sql of filling('postgres', scene, 'vacuum analyze')) await client.query(sql)
    return {
      read: (of, { paused }) =>
        readPostgres(client, statementsOf(dialect, of), {
          prefix: dialect.prefix,
          before: paused ? [pause('postgres', 'mail')] : [],
        }),
      close: async () => {
        await client.query(`drop schema ${schema} cascade`)
        await client.end()
      },
    }
  },
}

function filling(dialect: Dialect['name'], { shape, analyzed }: Scene, analyze: string): string[] {
  return [
    ...(analyzed === 'on a quiet day' ? [...fill(dialect, few, 'alike'), analyze, ...empty()] : []),
    ...fill(dialect, counts, shape),
    ...(analyzed === 'now' ? [analyze] : []),
  ]
}

function statementsOf(dialect: Dialect, of: (dialect: Dialect) => Transition<unknown>) {
  return batchOf(dialect, combine(of(dialect)), jobId(0)).statements
}

interface Case {
  readonly name: string
  readonly of: (dialect: Dialect) => Transition<unknown>
  /** Rows that any one step may read of a growing table. It follows from what was asked for, never from what is stored. */
  readonly rows: number
  /** Rows that the last statement answers or affects: the case does what its name says. */
  readonly answers: number | 'one a queue'
  readonly paused?: boolean
}

const claimOf =
  (queues: readonly string[], more: Partial<Parameters<typeof claim>[1]> = {}): Case['of'] =>
  (dialect) =>
    claim(dialect, {
      processId: '0190a5f0-0000-7000-9000-000000000009',
      claim: 1,
      first: true,
      worker: 'default',
      name: 'host:9',
      leaseMs: 300_000,
      maxInvocations: 10,
      max: 10,
      patterns: parseQueuePatterns(queues),
      ...more,
    })

const ending = (kind: Ending['kind'], index: number): Ending => ({
  id: jobId(first.claimed + index),
  claim: 1,
  kind,
  result: kind === 'succeeded' ? '{"status":200}' : null,
  resultMeta: null,
  progress: null,
  error: kind === 'retried' || kind === 'failed' ? '{"name":"Error","message":"no","stack":null,"attempt":1}' : null,
  delayMs: 60_000,
  spent: kind !== 'released',
  whole: false,
})

const newJob = (index: number): NewJob => ({
  id: `0190a5f1-0000-7000-8000-${String(index).padStart(12, '0')}`,
  queueName: 'default',
  taskName: 'deliver',
  payload: '{}',
  payloadMeta: null,
  priority: 0,
  maxAttempts: 3,
  onLost: 'retry',
  runAtMs: null,
  delayMs: index % 2 === 0 ? 0 : 60_000,
})

const twenty = <T>(make: (index: number) => T): T[] => Array.from({ length: 20 }, (_, index) => make(index))

const day = 86_400_000

const cases: readonly Case[] = [
  { name: 'claim *', of: claimOf(['*']), rows: 10, answers: 10 },
  {
    name: 'claim *, by an invocation that has claimed before',
    of: claimOf(['*'], { processId: invocations.live, claim: 2, first: false }),
    rows: 10,
    answers: 10,
  },
  {
    name: 'claim *, sent again',
    of: claimOf(['*'], { processId: invocations.live, claim: 1, first: false }),
    rows: 20,
    answers: 20,
  },
  { name: 'claim *, at maxInvocations', of: claimOf(['*'], { maxInvocations: 1 }), rows: 10, answers: 0 },
  {
    name: 'claim *, while a queue is paused',
    of: claimOf(['*']),
    rows: 50,
    answers: 10,
    paused: true,
  },
  { name: 'claim exact names', of: claimOf(['mail', 'none', 'default']), rows: 10, answers: 10 },
  {
    name: 'claim exact names, one of them paused',
    of: claimOf(['mail', 'default']),
    rows: 10,
    answers: 10,
    paused: true,
  },
  { name: 'claim prefixes', of: claimOf(['imports', 'web-*', 'def*']), rows: 40, answers: 10 },
  {
    name: 'claim prefixes, one of them paused',
    of: claimOf(['ma*', 'web-*', '*']),
    rows: 40,
    answers: 10,
    paused: true,
  },
  { name: 'claim 200', of: claimOf(['*'], { max: 200 }), rows: 200, answers: 200 },
  { name: 'dispatch', of: (dialect) => dispatch(dialect, { max: 500 }), rows: 500, answers: 500 },
  { name: 'prune', of: (dialect) => prune(dialect, { max: 50 }), rows: 20, answers: 20 },
  {
    name: 'clear finished',
    of: (dialect) => clear(dialect, { state: 'finished', olderThanMs: day, max: 100 }),
    rows: 100,
    answers: 100,
  },
  {
    name: 'clear failed',
    of: (dialect) => clear(dialect, { state: 'failed', olderThanMs: day, max: 20 }),
    rows: 20,
    answers: 20,
  },
  {
    name: 'settle',
    of: (dialect) =>
      settle(dialect, {
        processId: invocations.live,
        endings: twenty((index) =>
          ending((['succeeded', 'retried', 'failed', 'released'] as const)[index % 4] ?? 'failed', index),
        ),
      }),
    rows: 20,
    answers: 20,
  },
  {
    name: 'find',
    of: (dialect) =>
      find(dialect, {
        ids: Object.values(first).flatMap((number) => twenty((index) => jobId(number + index))),
      }),
    rows: 100,
    answers: 100,
  },
  { name: 'look', of: look, rows: 6, answers: 'one a queue' },
  {
    name: 'renew, with progress',
    of: (dialect) =>
      renew(dialect, {
        processId: invocations.live,
        leaseMs: 300_000,
        reports: twenty((index) => ({ id: jobId(first.claimed + index), progress: '0.5' })),
      }),
    rows: 20,
    answers: 1,
  },
  { name: 'retire', of: (dialect) => retire(dialect, { processId: invocations.live }), rows: 0, answers: 0 },
  { name: 'enqueue', of: (dialect) => enqueue(dialect, { jobs: twenty(newJob) }), rows: 20, answers: 10 },
  { name: 'retry', of: (dialect) => retry(dialect, { id: jobId(first.failed) }), rows: 1, answers: 1 },
]

const fillingMs = 600_000

describe.each(Object.entries(stores))('%s', (name, open) => {
  describe.each(scenes)('jobs $shape, analyzed $analyzed', (scene) => {
    let store: Store
    beforeAll(async () => {
      store = await open(scene)
    }, fillingMs)
    afterAll(() => store.close(), fillingMs)

    test.each(cases)('$name', async ({ of, rows, answers, paused = false }) => {
      const reading = await store.read(of, { paused })
      if (process.env['PLANS_DEBUG'])
        console.log(
          `@@ ${name} ${scene.shape} ${scene.analyzed} ${expect.getState().currentTestName}\n${reading.text}\n## ${JSON.stringify({ ...reading, text: 0, answer: 0 })}`,
        )

      expect(reading.faults, reading.text).toEqual([])
      expect(reading.answer.rows.length || reading.answer.affected).toBe(
        answers === 'one a queue' ? queueNames[scene.shape].length : answers,
      )
      if (reading.visited !== null) expect(reading.visited, reading.text).toBeLessThanOrEqual(rows)
      // TODO pages
    })
  })
})

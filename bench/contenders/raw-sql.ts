import { Pool, type PoolClient } from 'pg'
import { postgres } from '../../src/dialects/postgres/index.ts'
import { planning } from '../../src/dialects/postgres/planning.ts'
import type { NewJob } from '../../src/dialects/moves.ts'
import type { Statement } from '../../src/dialects/query.ts'
import { pg } from '../../src/drivers/pg.ts'
import { newId } from '../../src/job/job-id.ts'
import { parseQueuePatterns } from '../../src/job/queue-patterns.ts'
import { migrate } from '../../src/migrate.ts'
import { claim } from '../../src/transitions/claim.ts'
import { enqueue } from '../../src/transitions/enqueue.ts'
import { retire } from '../../src/transitions/lease.ts'
import { settle } from '../../src/transitions/settle.ts'
import {
  batchSizes,
  clients,
  inParallel,
  type Load,
  type Payload,
  producers,
  rate,
  rateOfEnqueues,
  type Rates,
} from '../load.ts'

const patterns = parseQueuePatterns(['*'])

/** The same statements in the same batches, prepared too, with nothing around them but the ids. */
export async function rawSql(load: Load): Promise<Rates> {
  const rates: Rates = {}
  for (const size of batchSizes) {
    const { dialect, pool, query } = await open(load, size)

    rates['bulk enqueue'] = await rate(load.jobs, () =>
      inParallel(2, async (lane) => {
        for (let from = lane * 1000; from < load.jobs; from += 2000) {
          const jobs = Array.from({ length: Math.min(1000, load.jobs - from) }, (_, offset) =>
            job(load.payload(from + offset)),
          )
          for (const statement of enqueue(dialect, { jobs }).statements) await query(pool, statement)
        }
      }),
    )

    rates[`perform ${size}`] = await rate(load.jobs, () =>
      inParallel(clients, async () => {
        const client = await pool.connect()
        const invocationId = newId()
        let ids: readonly string[] = []
        for (let number = 1; ; number += 1) {
          const first = number === 1
          const claiming = claim(dialect, {
            invocationId,
            claim: number,
            first,
            worker: 'default',
            name: 'raw',
            leaseMs: 300_000,
            maxInvocations: 100,
            max: size,
            patterns,
          })
          const before = first
            ? []
            : settle(dialect, { invocationId, endings: ids.map(succeeded(number - 1)) }).statements
          const after = first ? [] : retire(dialect, { invocationId }).statements
          const [, , ...answers] = await Promise.all([
            client.query('begin isolation level read committed'),
            client.query(planning),
            ...[...before, ...claiming.statements, ...after].map((statement) => query(client, statement)),
            client.query('commit'),
          ])
          ids = answers[before.length + claiming.statements.length - 1]?.rows.map(({ id }) => id as string) ?? []
          if (ids.length === 0) break
        }
        client.release()
      }),
    )
    await pool.end()
  }
  const { dialect, pool, query } = await open(load, 0)
  rates['enqueue'] = await rateOfEnqueues(load, async (index) => {
    for (const statement of enqueue(dialect, { jobs: [job(load.payload(index))] }).statements)
      await query(pool, statement)
  })
  await pool.end()
  return rates
}

async function open({ url, round }: Load, size: number) {
  const schema = `raw_${round}_${size}`
  const driver = pg(url, { schema })
  await migrate(driver)
  await driver.close()
  const names = new Map<string, string>()
  return {
    dialect: postgres({ schema }),
    // A connection that breaks while it is idle is told to the pool, which ends the process if it is not heard.
    pool: new Pool({ connectionString: url, max: producers, pipeline: true }).on('error', () => {}),
    query: (to: Pool | PoolClient, { sql, parameters }: Statement) => {
      const name = names.get(sql) ?? `raw_${names.size}`
      names.set(sql, name)
      return to.query<Record<string, unknown>>({ name, text: sql, values: parameters as unknown[] })
    },
  }
}

const job = (payload: Payload): NewJob => ({
  id: newId(),
  queue: 'default',
  task: 'noop',
  payload: JSON.stringify(payload),
  payloadMeta: null,
  priority: 0,
  maxAttempts: 1,
  onLost: 'fail',
  concurrency: null,
  recurring: null,
  runAtMs: null,
  delayMs: 0,
})

const succeeded = (claimed: number) => (id: string) => ({
  id,
  claim: claimed,
  kind: 'succeeded' as const,
  result: null,
  resultMeta: null,
  progress: null,
  error: null,
  fingerprint: null,
  delayMs: 0,
  spent: true,
  whole: false,
})

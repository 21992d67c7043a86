/**
 * How many jobs a second, on Postgres: enqueued one by one, in bulk, and performed (no-ops) at batches of 10, 50 and
 * 500, next to pg-boss, graphile-worker, and the same statements sent without the library around them. Each is used as
 * its users would: in bulk is one call with the whole list.
 *
 * All in one run on one server, since only the columns of a run compare; in rounds, each begun by another one and every
 * other one backwards, for what went before is still being vacuumed. `node bench/throughput.ts [jobs] [rounds] [short|long]`
 */
import { Client } from 'pg'
import { startPostgres } from '../test/support/postgres.ts'
import { graphileWorker, graphileWorkerTuned } from './contenders/graphile-worker.ts'
import { pgBoss } from './contenders/pg-boss.ts'
import { rawSql } from './contenders/raw-sql.ts'
import { steadytick } from './contenders/steadytick.ts'
import { batchSizes, clients, type Load, longPayload, producers, type Rates, shortPayload } from './load.ts'

const jobs = Number(process.argv[2] ?? 20_000)
const rounds = Number(process.argv[3] ?? 5)
const kinds = Object.entries({ short: shortPayload, long: longPayload }).filter(
  ([kind]) => kind === (process.argv[4] ?? kind),
)
const columns = ['enqueue', 'bulk enqueue', ...batchSizes.map((size) => `perform ${size}` as const)] as const
const peers: Record<string, (load: Load) => Promise<Rates>> = {
  'pg-boss': pgBoss,
  'graphile-worker': graphileWorker,
  'graphile-worker, tuned': graphileWorkerTuned,
}
const contenders = { steadytick, 'its SQL alone': rawSql, ...peers }

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

/** Each column's median over the rounds. */
const medians = (measured: readonly Rates[]): Rates =>
  Object.fromEntries(
    columns.flatMap((column) => {
      const values = measured.flatMap((rates) => rates[column] ?? [])
      return values.length === 0 ? [] : [[column, median(values)]]
    }),
  )

/** What one wrote is on the disk before the next one begins. */
async function checkpoint(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('checkpoint')
  await client.end()
}

/** All contenders, in rounds, on one server. */
async function compare(url: string, kind: string, payload: Load['payload']): Promise<void> {
  const measured = new Map<string, Rates[]>(Object.keys(contenders).map((name) => [name, []]))
  const order = Object.entries(contenders)
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contender] of round % 2 === 0 ? order : order.toReversed()) {
      await checkpoint(url)
      running = name
      measured.get(name)?.push(await contender({ url, round: `${kind}_${round}`, jobs, payload }))
    }
    order.push(...order.splice(0, 1))
  }

  const results = Object.fromEntries([...measured].map(([name, rates]) => [name, medians(rates)]))
  const ratioTo = (names: readonly string[]): Rates =>
    Object.fromEntries(
      columns.map((column) => {
        const best = Math.max(...names.map((name) => results[name]?.[column] ?? 0))
        return [column, Math.round(((results['steadytick']?.[column] ?? 0) / best) * 100) / 100]
      }),
    )
  console.table({
    ...results,
    '÷ its SQL alone': ratioTo(['its SQL alone']),
    '÷ best peer': ratioTo(Object.keys(peers)),
  })
}

let running = 'none'
process.on('uncaughtExceptionMonitor', () => console.error(`The contender that failed: ${running}`))

const { url, stop } = await startPostgres({ durable: true })
try {
  console.log(
    `${jobs} no-op jobs, ${clients} work ticks at once, ${producers} producers; jobs a second, medians of ${rounds} rounds`,
  )
  for (const [kind, payload] of kinds) {
    console.log(`Payloads of ${JSON.stringify(payload(jobs)).length} bytes`)
    await compare(url, kind, payload)
  }
} finally {
  await stop()
}

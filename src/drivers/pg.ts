import { Pool, type PoolClient, type PoolConfig } from 'pg'
import type { DialectOptions } from '../dialects/dialect.ts'
import { DatabaseError, type Driver, type Failure } from '../dialects/driver.ts'
import type { Result, Statement } from '../dialects/query.ts'
import { postgres } from '../dialects/postgres/index.ts'

/**
 * Postgres through a `pg` pool. The statements of a batch are sent together: one round trip.
 *
 * @param target a connection string, the settings of a pool, which the driver then opens and closes, or a pool of
 *   yours, opened with `pipeline: true` (without it, a batch is a round trip a statement)
 */
export function pg(target: string | PoolConfig | Pool, options?: DialectOptions): Driver {
  const own = !(target instanceof Pool)
  const pool = own
    ? new Pool({
        ...(typeof target === 'string' ? { connectionString: target } : target),
        pipeline: true,
      })
    : target
  // An idle connection that breaks is replaced at its next use; unheard, the event would end the process.
  if (own) pool.on('error', () => {})

  return {
    dialect: postgres(options),
    async batch(statements) {
      let client: PoolClient
      try {
        client = await pool.connect()
      } catch (error) {
        throw new DatabaseError('unreachable', error)
      }
      let broken: Error | undefined
      try {
        return await send(client, statements)
      } catch (error) {
        const failure = classify(error)
        if (failure === 'unknown') broken = error as Error
        throw new DatabaseError(failure, error)
      } finally {
        client.release(broken)
      }
    },
    async close() {
      if (own) await pool.end()
    },
  }
}

/** A single statement is atomic by itself. In a failed transaction the rest is refused, and COMMIT rolls back. */
async function send(client: PoolClient, statements: readonly Statement[]): Promise<readonly Result[]> {
  const [only] = statements
  if (only && statements.length === 1) return [await one(client, only)]
  const sent = [
    client.query('begin isolation level read committed'),
    ...statements.map((statement) => one(client, statement)),
    client.query('commit'),
  ]
  // All are waited for before the connection is given back; the first failure is the cause of the others.
  const settled = await Promise.allSettled(sent)
  const failure = settled.find((answer) => answer.status === 'rejected')
  if (failure) throw failure.reason
  return settled.slice(1, -1).map((answer) => (answer as PromiseFulfilledResult<Result>).value)
}

async function one(client: PoolClient, { sql, parameters }: Statement): Promise<Result> {
  const { rows, rowCount } = await client.query(sql, parameters as unknown[])
  return { rows, affected: rowCount ?? 0 }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html. No SQLSTATE: the connection broke. */
function classify(error: unknown): Failure {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return 'unknown'
  if (code === '23505') return 'duplicate'
  if (code === '40001' || code === '40P01' || code === '55P03') return 'retryable'
  // Ended by an administrator or a shutdown, or the connection failed: perhaps during COMMIT.
  return code.startsWith('08') || code.startsWith('57P') ? 'unknown' : 'other'
}

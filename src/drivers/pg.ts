import { Client, Pool, type PoolClient, type PoolConfig } from 'pg'
import type { DialectOptions } from '../dialects/dialect.ts'
import { DatabaseError, type Driver, NoAnswerError } from '../dialects/driver.ts'
import type { Result, Statement } from '../dialects/query.ts'
import { failureOf } from '../dialects/postgres/failure.ts'
import { postgres } from '../dialects/postgres/index.ts'
import { parsers } from '../dialects/postgres/parsers.ts'
import { planning } from '../dialects/postgres/planning.ts'
import { ConfigurationError } from '../errors.ts'
import { newId } from '../job/job-id.ts'
import { startTimer } from '../job/timer.ts'

/**
 * Postgres through a `pg` pool. The statements of a batch are sent together: one round trip.
 *
 * Statements are prepared, which saves up to half of a small batch. Behind a pooler without prepared statements
 * (PgBouncer before 1.21), the first missing one ends preparing for good, and its batch is sent again.
 *
 * @param target a connection string; the settings of a pool, which the driver opens and closes; or a pool of yours. A
 *   pool of the driver gives up a connection that it does not get within 10 s, unless `connectionTimeoutMillis` says
 *   otherwise. Your pool is used as it is set: open it with `pipeline: true` (without it, a batch is a round trip a
 *   statement)
 * @throws ConfigurationError when a text is no connection string
 */
export function pg(target: string | PoolConfig | Pool, options?: DialectOptions): Driver {
  // `pg` takes any other text for the name of a database, and repeats it with the password that it may hold.
  if (typeof target === 'string' && !/^(\w+:|\/)/.test(target))
    throw new ConfigurationError('The connection string of pg()', [
      { path: '', message: 'it is not of the form postgres://user:password@host:port/database' },
    ])
  const own = !(target instanceof Pool)
  const pool = own
    ? new Pool({
        connectionTimeoutMillis: 10_000,
        ...(typeof target === 'string' ? { connectionString: target } : target),
        pipeline: true,
      })
    : target
  // A server that stops may say so in the packet in which it says that it is ready, before the batch can listen.
  if (own) pool.on('error', ignore).on('connect', (client) => client.on('error', ignore))
  const names = new StatementNames()

  return {
    dialect: postgres(options),
    get database() {
      return `Postgres ${addressOf(pool)}`
    },
    migratedBy: 'steadytick migrate',
    async batch(statements, { deadline = null } = {}) {
      let client: PoolClient
      try {
        client = await pool.connect()
      } catch (error) {
        throw new DatabaseError('unreachable', error)
      }
      let broken: Error | undefined
      client.on('error', ignore)
      try {
        return await answered(send(client, statements, names), deadline)
      } catch (error) {
        if (names.given && isUnprepared(error)) {
          names.giveUp()
          throw new DatabaseError('retryable', error)
        }
        // No SQLSTATE: the connection broke.
        const failure = failureOf(error) ?? 'unknown'
        if (failure === 'unknown') broken = error as Error
        // `end()` would wait for the answers, and keep the process alive for as long.
        if (error instanceof NoAnswerError) (client as PoolClient & Client).connection.stream.destroy()
        throw new DatabaseError(failure, error)
      } finally {
        client.off('error', ignore)
        client.release(broken)
      }
    },
    async close() {
      if (own) await pool.end()
    },
  }
}

/** The address that a pool connects to, as `pg` itself reads connection strings, settings and variables such as PGHOST. */
function addressOf({ options }: Pool): string {
  try {
    const { host, port, database } = new Client(options)
    return `${host}:${port}/${database}`
  } catch {
    return 'of a connection string that is none'
  }
}

/** Waits for an answer until the deadline. @throws NoAnswerError; the connection is of no use then */
async function answered<Answer>(answer: Promise<Answer>, deadline: Date | null): Promise<Answer> {
  if (deadline === null) return answer
  answer.catch(() => {})
  let stop = () => {}
  const late = new Promise<never>((_, reject) => {
    stop = startTimer(deadline.getTime() - Date.now(), () => reject(new NoAnswerError()))
  })
  return Promise.race([answer, late]).finally(() => stop())
}

/**
 * A connection that breaks, idle or in use, also emits an event. Without a listener, the event would end the process.
 */
const ignore = () => {}

/**
 * The names under which statements are prepared. They are this driver's alone, because a pooler may lend its
 * connections to others.
 */
class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #prefix = `steadytick_${newId()}`
  /** Whether statements are prepared. */
  given = true

  of(sql: string): { name?: string } {
    if (!this.given) return {}
    const name = this.#names.get(sql) ?? `${this.#prefix}_${this.#names.size}`
    this.#names.set(sql, name)
    return { name }
  }

  giveUp(): void {
    this.given = false
  }
}

/** A single statement is atomic by itself. In a failed transaction the rest is refused, and COMMIT rolls back. */
async function send(
  client: PoolClient,
  statements: readonly Statement[],
  names: StatementNames,
): Promise<readonly Result[]> {
  const [only] = statements
  if (only && statements.length === 1) return [await one(client, only, names)]
  const sent = [
    client.query('begin isolation level read committed'),
    client.query(planning),
    ...statements.map((statement) => one(client, statement, names)),
    client.query('commit'),
  ]
  // All answers are awaited before the connection is given back; the first failure is the cause of the others.
  const settled = await Promise.allSettled(sent)
  const failure = settled.find((answer) => answer.status === 'rejected')
  if (failure) throw failure.reason
  return settled.slice(2, -1).map((answer) => (answer as PromiseFulfilledResult<Result>).value)
}

async function one(client: PoolClient, { sql, parameters }: Statement, names: StatementNames): Promise<Result> {
  const { rows, rowCount } = await client.query({
    ...names.of(sql),
    text: sql,
    values: parameters as unknown[],
    types: parsers,
  })
  return { rows, affected: rowCount ?? 0 }
}

/**
 * Whether a prepared statement is missing, exists already, or was made for other tables (`feature_not_supported`, which
 * no other statement of ours causes). Nothing was written.
 */
function isUnprepared(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === '26000' || code === '42P05' || code === '0A000'
}

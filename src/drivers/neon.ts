import {
  type FullQueryResults,
  neon as connect,
  type NeonQueryFunction,
  type NeonQueryPromise,
} from '@neondatabase/serverless'
import type { DialectOptions } from '../dialects/dialect.ts'
import { DatabaseError, type Driver, type Failure, NoAnswerError } from '../dialects/driver.ts'
import { failureOf } from '../dialects/postgres/failure.ts'
import { postgres } from '../dialects/postgres/index.ts'
import { parsers } from '../dialects/postgres/parsers.ts'
import { planning } from '../dialects/postgres/planning.ts'
import type { Result, Statement } from '../dialects/query.ts'
import { ConfigurationError } from '../errors.ts'
import type { PreparedStatement } from '../job/prepared.ts'

/**
 * Neon over HTTP: a batch is one request, and nothing stays open between two batches. Runs wherever there is `fetch`.
 *
 * @param target a connection string, or a query function of yours, made by `neon()` of `@neondatabase/serverless` with
 *   options of your own: an `authToken`, or `fetchOptions` (Next.js 14 and earlier cache requests that do not ask for
 *   `cache: 'no-store'`)
 * @throws ConfigurationError when a text is no connection string of Postgres
 */
export function neon(target: string | NeonQueryFunction<false, false>, options?: DialectOptions): Driver {
  const address = typeof target === 'string' ? addressOf(target) : null
  const sql = typeof target === 'string' ? connect(target) : target
  return {
    dialect: postgres(options),
    database: address === null ? 'Neon' : `Neon ${address}`,
    migratedBy: 'steadytick migrate',
    async batch(statements, { deadline = null } = {}) {
      try {
        return await send(sql, statements, fetchOptionsOf(deadline))
      } catch (error) {
        if (deadline !== null && Date.now() >= deadline.getTime() && failureOf(error) === null)
          throw new DatabaseError('unknown', new NoAnswerError())
        throw new DatabaseError(classify(error), error)
      }
    },
    // Nothing is open.
    async close() {},
  }
}

/**
 * The statements of `prepare` as queries, for a transaction of your own.
 *
 * @example
 * const { statements } = queue.prepare(greet, { name: 'Ada' })
 * await sql.transaction([sql`insert into users …`, ...neonQueries(sql, statements)])
 */
export function neonQueries<ArrayMode extends boolean, FullResults extends boolean>(
  sql: NeonQueryFunction<ArrayMode, FullResults>,
  statements: readonly PreparedStatement[],
): NeonQueryPromise<ArrayMode, FullResults>[] {
  return statements.map(({ sql: text, parameters }) => sql.query(text, [...parameters]))
}

/**
 * The host and the database of a connection string. Neon's client would refuse a wrong one at the first query only, and
 * repeat the password.
 */
function addressOf(url: string): string {
  const parsed = URL.parse(url.replace(/^\w+:/, 'http:'))
  if (/^postgres(ql)?:\/\/[^/]+@[^/]+\/./.test(url) && parsed) return `${parsed.host}${parsed.pathname}`
  throw new ConfigurationError('The connection string of neon()', [
    {
      path: '',
      message:
        'it is not of the form postgres://user:password@host/database, where what is special in a password is escaped',
    },
  ])
}

const answers = { arrayMode: false, fullResults: true } as const

/**
 * A single statement is atomic by itself. A batch gets the same planner settings as a batch of `pg`, for the same
 * reason.
 */
async function send(
  sql: NeonQueryFunction<false, false>,
  statements: readonly Statement[],
  options: { fetchOptions?: Record<string, unknown> },
): Promise<readonly Result[]> {
  const [only] = statements
  if (only && statements.length === 1)
    return [resultOf(await sql.query(only.sql, [...only.parameters], { ...answers, ...options, types: parsers }))]
  const [, ...results] = await sql.transaction(
    [
      sql.query(planning),
      ...statements.map(({ sql: text, parameters }) => sql.query(text, [...parameters], { types: parsers })),
    ],
    { ...answers, ...options, isolationLevel: 'ReadCommitted' },
  )
  return results.map(resultOf)
}

/** Gives a request up at the deadline. The fetch options of the application's own query function still apply. */
const fetchOptionsOf = (deadline: Date | null): { fetchOptions?: Record<string, unknown> } =>
  deadline === null
    ? {}
    : {
        fetchOptions: {
          signal: AbortSignal.timeout(Math.min(Math.max(0, deadline.getTime() - Date.now()), maxTimeoutMs)),
        },
      }

/** The longest wait of a signal. */
const maxTimeoutMs = 2 ** 31 - 1

const resultOf = ({ rows, rowCount }: FullQueryResults<false>): Result => ({ rows, affected: rowCount ?? 0 })

/** The codes of Node's network errors for a connection that was not made. */
const notSent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/

/** Refusals by Neon's proxy, before it asks the server: status 400, without an SQLSTATE. */
const notAllowed = /^(password authentication failed|missing authentication credentials)/

/**
 * An error of the server has an SQLSTATE. An error of Neon's proxy has none; its status is 4xx, but not 400 or 408, if
 * the proxy has not asked the server. A batch that broke on the way may have been written.
 */
function classify(error: unknown): Failure {
  const known = failureOf(error)
  if (known) return known
  const { message, sourceError } = error as { message?: unknown; sourceError?: { cause?: { code?: unknown } } }
  if (notSent.test(String(sourceError?.cause?.code))) return 'unreachable'
  const status = Number(/^Server error \(HTTP status (\d+)\)/.exec(String(message))?.[1])
  if (status === 429) return 'retryable'
  const refused = (status > 400 && status < 500 && status !== 408) || notAllowed.test(String(message))
  return refused ? 'other' : 'unknown'
}

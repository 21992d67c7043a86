import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Client, DatabaseError, Pool, type PoolClient } from 'pg'

/**
 * What becomes of a request: it never arrives; it is done, and its answer lost; or the connection breaks at once and it
 * is done all the same, while the client may be asking again already.
 */
export type Fault = 'request lost' | 'answer lost' | 'done late'

/** Neon's SQL over HTTP, in front of a Postgres. Close it. */
export interface NeonGateway {
  /** The connection string for Neon's client, which finds the gateway by `neon-endpoint.ts`. */
  readonly url: string
  /** Requests that have come, each a round trip. */
  requests(): number
  /** Decides for each request that comes from now on. */
  breakWith(fault: () => Fault | null): void
  close(): Promise<void>
}

/**
 * As the proxy answers, by its source: text in and out, 400 with the fields of Postgres's error, a transaction a batch,
 * and a request whose client has gone is cancelled.
 *
 * https://github.com/neondatabase/neon/blob/main/proxy/src/serverless/sql_over_http.rs
 */
export async function startNeonGateway(postgresUrl: string, { max = 40 } = {}): Promise<NeonGateway> {
  const target = new URL(postgresUrl)
  const pools = new Map<string, Pool>()
  let requests = 0
  let faultOf: () => Fault | null = () => null

  /** The pool of a connection string's user and database, on the Postgres behind. */
  const poolOf = (connectionString: string): Pool => {
    const { username, password, pathname } = new URL(connectionString)
    const key = `${username}:${password}${pathname}`
    const pool =
      pools.get(key) ??
      new Pool({
        host: target.hostname,
        port: Number(target.port),
        user: decodeURIComponent(username),
        password: decodeURIComponent(password),
        database: pathname.slice(1),
        max,
      })
    pools.set(key, pool)
    if (pool.listenerCount('error') === 0) pool.on('error', ignored)
    return pool
  }

  const server = createServer((request, response) => {
    requests += 1
    const fault = faultOf()
    if (fault === 'request lost') return void request.socket.destroy()
    return void answer(request, response, fault).catch(() => response.destroy())
  })

  const answer = async (request: IncomingMessage, response: ServerResponse, fault: Fault | null): Promise<void> => {
    const send = (status: number, body: object) => {
      if (fault === null) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      else request.socket.destroy()
    }
    if (request.method !== 'POST' || request.url !== '/sql') return send(400, { message: 'query is not supported' })
    const body = await bodyOf(request)
    if (body === null) return send(413, { message: `request is too large (max is ${maxBytes} bytes)` })
    const payload = JSON.parse(body) as Asked | { queries: Asked[] }

    const pool = poolOf(String(request.headers['neon-connection-string']))
    let client: PoolClient
    try {
      client = await pool.connect()
    } catch (error) {
      return send(error instanceof DatabaseError ? 400 : 500, errorOf(error))
    }
    client.on('error', ignored)
    let broken = false
    const cancelling = fault === 'done late' ? null : cancelWhenGone(response, client, pool)
    if (fault === 'done late') request.socket.destroy()
    try {
      const answered =
        'queries' in payload
          ? { results: await inTransaction(client, request, payload.queries) }
          : await one(client, payload)
      await cancelling?.done()
      send(200, answered)
    } catch (error) {
      await cancelling?.done()
      broken = !(error instanceof DatabaseError) || error.severity === 'FATAL'
      if (error instanceof ResponseTooLarge) send(507, { message: error.message })
      else send(400, errorOf(error))
    } finally {
      client.off('error', ignored)
      client.release(broken)
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const url = new URL(postgresUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    requests: () => requests,
    breakWith: (fault) => {
      faultOf = fault
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await Promise.all([...pools.values()].map((pool) => pool.end()))
    },
  }
}

/** A connection that breaks also says so as an event; the request that had it fails by itself. */
const ignored = () => {}

interface Asked {
  readonly query: string
  readonly params?: readonly (string | null)[]
}

/** The proxy's own limits, for a request and an answer. */
const maxBytes = 10 * 1024 * 1024

class ResponseTooLarge extends Error {
  override readonly message = `response is too large (max is ${maxBytes} bytes)`
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    chunks.push(chunk)
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks).toString()
}

/** Every value stays the text that Postgres sent. */
const raw = { getTypeParser: () => (text: string) => text }

async function one(client: PoolClient, { query: text, params = [] }: Asked): Promise<object> {
  const config = { text, values: [...params], rowMode: 'array' as const, types: raw, queryMode: 'extended' }
  const { fields, rows, command, rowCount } = await client.query(config)
  const answered = {
    fields: fields.map((field) => ({ ...field, format: 'text' })),
    rows,
    command: command ?? '',
    rowCount,
    rowAsArray: true,
  }
  if (JSON.stringify(answered).length > maxBytes) throw new ResponseTooLarge()
  return answered
}

const levels: Readonly<Record<string, string>> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
}

async function inTransaction(
  client: PoolClient,
  { headers }: IncomingMessage,
  queries: readonly Asked[],
): Promise<object[]> {
  const level = levels[String(headers['neon-batch-isolation-level'] ?? '')]
  const readOnly = headers['neon-batch-read-only'] === 'true' ? ' read only' : ''
  await client.query(`begin${level ? ` isolation level ${level}` : ''}${readOnly}`)
  try {
    const results: object[] = []
    for (const query of queries) results.push(await one(client, query))
    await client.query('commit')
    return results
  } catch (error) {
    // Of a connection that is broken, too.
    await client.query('rollback').catch(ignored)
    throw error
  }
}

/** Cancels what runs when the client has gone. Wait for `done` before the connection does anything else. */
function cancelWhenGone(response: ServerResponse, client: PoolClient, pool: Pool): { done(): Promise<void> } {
  let cancelled: Promise<unknown> | null = null
  const cancel = () => {
    const { processID } = client as unknown as Client & { processID: number }
    cancelled = pool.query('select pg_cancel_backend($1)', [processID])
  }
  response.on('close', cancel)
  return {
    async done() {
      response.off('close', cancel)
      await cancelled
    },
  }
}

const fieldsOfErrors = [
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'severity',
  'where',
  'table',
  'column',
  'schema',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const satisfies readonly (keyof DatabaseError)[]

/** Without an error of Postgres all fields are there, and empty. */
function errorOf(error: unknown): object {
  const fields = error instanceof DatabaseError ? error : null
  return {
    message: error instanceof Error ? error.message : String(error),
    ...Object.fromEntries(fieldsOfErrors.map((name) => [name, fields?.[name] ?? (name === 'code' ? '' : null)])),
  }
}

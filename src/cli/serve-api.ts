import type { AddressInfo } from 'node:net'
import type { ServerType } from '@hono/node-server'
import type { Logger } from '../events.ts'
import type { Queue } from '../queue.ts'
import type { Config } from './config.ts'
import { UsageError } from './usage-error.ts'

interface Served {
  readonly url: string
  close(): void
}

interface ServeOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly logger: Logger
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/

/**
 * Serves the HTTP API of a queue. On loopback it asks for no token. Elsewhere it asks for `API_TOKEN` of the
 * environment, and is closed without one; `/healthz` asks for none.
 *
 * @throws UsageError when the port is in use, or the address is none of this machine
 */
export async function serveApi(
  queue: Queue,
  { tasks, queues }: Config['jobs'],
  { host, port, logger }: ServeOptions,
): Promise<Served> {
  const { api } = await import('../http/api.ts').catch(sayWhatIsMissing)
  const token = loopback.test(host) ? null : () => process.env['API_TOKEN']
  const app = api({ tasks, queues, logger, open: () => queue }, { token })
  const server = await listen(app.fetch, { hostname: host, port })
  const { port: bound } = server.address() as AddressInfo
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close: () => void server.close() }
}

/** Hono is a peer of the package, which some package managers leave to the user. */
function sayWhatIsMissing(error: unknown): never {
  if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new UsageError('The HTTP API takes the package hono: npm install hono; or start without it, with --no-api.', {
    cause: error,
  })
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { hostname, port }: { hostname: string; port: number },
): Promise<ServerType> {
  const { serve } = await import('@hono/node-server')
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port })
    server.once('listening', () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, { hostname, port })))
  })
}

function explain(error: NodeJS.ErrnoException, { hostname, port }: { hostname: string; port: number }): Error {
  if (error.code === 'EADDRINUSE')
    return new UsageError(
      `Port ${port} of ${hostname} is in use, perhaps by another \`steadytick start\`. Choose another with --port (0: any), or serve no HTTP API with --no-api.`,
    )
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new UsageError(`--host ${hostname} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.`)
  return error
}

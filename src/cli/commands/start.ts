import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { consoleLogger } from '../../events.ts'
import { api } from '../../http/api.ts'
import { migrate } from '../../migrate.ts'
import { type LocalActor, LocalNudges, localActors, runLocally } from '../../platforms/local.ts'
import { InvalidArgumentError, Option } from 'commander'
import { command, type CommandOptions } from '../command.ts'
import { unperformed } from '../config.ts'
import { using } from '../database.ts'
import { withHandlers } from '../early-end.ts'
import type { Queue } from '../../queue.ts'
import { openQueue } from '../open.ts'
import { peopleLog } from '../people-log.ts'
import { numberOf } from '../selection-options.ts'
import { stopSignals } from '../stop-signals.ts'
import { UsageError } from '../usage-error.ts'

const hostname = '127.0.0.1'

interface StartOptions extends CommandOptions {
  readonly only?: readonly LocalActor[]
  readonly port: number
  readonly log: keyof typeof logs
}

const logs = { json: consoleLogger, pretty: peopleLog }

export const start = command(
  'start',
  'migrate, then tick and serve the HTTP API on 127.0.0.1 until stopped (TERM, INT: gracefully; QUIT: at once)',
)
  .option('-p, --port <number>', 'the port of the HTTP API; 0 for any', numberOf(0, 65_535), 8787)
  .option('--only <actors>', `run only some of ${localActors.join(', ')}, as in dispatch,work`, actorsOf)
  .addOption(
    new Option('--log <format>', 'lines for people, or of JSON')
      .choices(Object.keys(logs))
      .default(process.stdout.isTTY ? 'pretty' : 'json', 'pretty on a terminal, else json'),
  )
  .action(run)

async function run({ only = localActors, port, log, ...options }: StartOptions): Promise<void> {
  const logger = logs[log]
  const nudges = new LocalNudges()
  const signals = stopSignals()
  const { signal, immediate } = signals
  const { queue, config, settings, database } = await openQueue(options, { nudge: nudges.nudge, logger })
  try {
    for (const name of await using(database, () => prepare(queue))) logger.info({ name }, 'migrated')
    for (const task of unperformed(config)) logger.warn({ task }, 'no performer: its jobs will fail')
    const { tasks, queues } = config.jobs
    const app = api({ tasks, queues, logger, open: () => queue }, { token: null })
    const server = await listen(app.fetch, port)
    const { port: bound } = server.address() as AddressInfo
    logger.info(
      { url: `http://${hostname}:${bound}`, database: database.label, ...(only === localActors ? {} : { only }) },
      'started',
    )
    try {
      await withHandlers(queue, { logger, signals }, () =>
        runLocally(queue, { settings, logger, nudges, only, signal, immediate }),
      )
    } finally {
      server.close()
    }
  } finally {
    await queue.close()
  }
  logger.info({}, 'stopped')
}

/** Brings the tables up to date where that is the part of this command line. Returns the migrations that it applied. */
async function prepare(queue: Queue): Promise<string[]> {
  if (queue.driver.migratedBy === 'steadytick migrate') return migrate(queue.driver)
  await queue.check()
  return []
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

function actorsOf(text: string): readonly LocalActor[] {
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.find((name) => !(localActors as readonly string[]).includes(name))
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${localActors.join(', ')}.`)
  return names as readonly LocalActor[]
}

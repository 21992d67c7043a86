import { hostname } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { consoleLogger } from '../../events.ts'
import { migrate } from '../../migrate.ts'
import { type Actor, actors } from '../../ticks/run.ts'
import * as ticks from '../../ticks/index.ts'
import { command, type CommandOptions } from '../command.ts'
import { unperformed } from '../config.ts'
import { using } from '../database.ts'
import { withHandlers } from '../early-end.ts'
import type { Queue } from '../../queue.ts'
import { openQueue } from '../open.ts'
import { peopleLog } from '../people-log.ts'
import { numberOf } from '../selection-options.ts'
import { serveApi } from '../serve-api.ts'
import { stopSignals } from '../stop-signals.ts'

interface StartOptions extends CommandOptions {
  readonly only?: readonly Actor[]
  readonly api: boolean
  readonly host: string
  readonly port: number
  readonly log: keyof typeof logs
}

const logs = { json: consoleLogger, pretty: peopleLog }

export const start = command(
  'start',
  'migrate, then tick and serve the HTTP API until stopped (TERM, INT: gracefully; QUIT: at once)',
)
  .option('-p, --port <number>', 'the port of the HTTP API; 0 for any', numberOf(0, 65_535), 8787)
  .option('--host <address>', 'the address of the HTTP API; beyond this machine it asks for API_TOKEN', '127.0.0.1')
  .option('--no-api', 'serve no HTTP API')
  .option('--only <actors>', `run only some of ${actors.join(', ')}, as in dispatch,work`, actorsOf)
  .addOption(
    new Option('--log <format>', 'lines for people, or of JSON')
      .choices(Object.keys(logs))
      .default(process.stdout.isTTY ? 'pretty' : 'json', 'pretty on a terminal, else json'),
  )
  .action(run)

async function run({ only, api, host, port, log, ...options }: StartOptions): Promise<void> {
  const logger = logs[log]
  const signals = stopSignals()
  const { signal, immediate } = signals
  const { queue, config, database } = await openQueue(options, { logger })
  try {
    for (const name of await using(database, () => prepare(queue))) logger.info({ name }, 'migrated')
    for (const task of unperformed(config)) logger.warn({ task }, 'no performer: its jobs will fail')
    const served = api ? await serveApi(queue, config.jobs, { host, port, logger }) : null
    logger.info({ ...(served && { url: served.url }), database: database.label, ...(only && { only }) }, 'started')
    try {
      await withHandlers(queue, { logger, signals }, () =>
        ticks.run(queue, { name: `${hostname()}:${process.pid}`, signal, immediate, ...(only && { only }) }),
      )
    } finally {
      served?.close()
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

function actorsOf(text: string): readonly Actor[] {
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.find((name) => !(actors as readonly string[]).includes(name))
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${actors.join(', ')}.`)
  return names as readonly Actor[]
}

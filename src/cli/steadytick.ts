#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { QueueError } from '../errors.ts'
import { type LocalActor, localActors } from '../platforms/local.ts'
import { check } from './check.ts'
import { migrate, type MigrateOptions } from './migrate.ts'
import type { CommandOptions } from './open.ts'
import { start, type StartOptions } from './start.ts'
import { tick, type TickActor, tickActors } from './tick.ts'
import { UsageError } from './usage-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('steadytick')
  .description('The job queue for people who run no servers.')
  .version(version)
  .addHelpText(
    'after',
    `
The database is DATABASE_URL: file:… (SQLite) or postgres://…; none means SQLite in .steadytick/queue.db.
The queue is the default export of steadytick.config.ts: defineConfig({ jobs, perform }).`,
  )

/** What every command takes. */
const command = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'the config (default: steadytick.config.ts)')

command(
  'start',
  'migrate, then tick and serve the HTTP API on 127.0.0.1 until stopped (TERM, INT: gracefully; QUIT: at once)',
)
  .option('-p, --port <number>', 'the port of the HTTP API; 0 for any', portOf, 8787)
  .option('--only <actors>', `run only some of ${localActors.join(', ')}, as in dispatch,work`, actorsOf)
  .action((options: StartOptions) => start(options))

command('tick', 'run one pass, and print its report as JSON')
  .addArgument(new Argument('[actor]', 'whose pass').choices(tickActors).default('tick', 'all of them'))
  .option('-w, --worker <name>', 'with work: which worker (default: the first)')
  .action((actor: TickActor, options: CommandOptions & { worker?: string }) => tick(actor, options))

command('migrate', 'create or update the tables')
  .addOption(new Option('--status', 'only show which migrations are applied').conflicts('print'))
  .addOption(new Option('--print', 'only print the SQL'))
  .action((options: MigrateOptions) => migrate(options))

command('check', 'say whether the config, the database and its schema are fit to work')
  .option('--invariants', 'also look for jobs that are not in exactly one state; it reads every job')
  .action((options: CommandOptions & { invariants?: boolean }) => check(options))

try {
  await program.parseAsync()
} catch (error) {
  // What the user can put right is said in a sentence; anything else is a fault of ours, and shows where.
  console.error(error instanceof UsageError || error instanceof QueueError ? `${error.name}: ${error.message}` : error)
  process.exitCode = 1
}
// A handler that ignored its signal was released, and must not keep the process. First what was printed goes out.
process.stdout.write('', () => process.exit())

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Use a number from 0 to 65535.')
  return port
}

function actorsOf(text: string): readonly LocalActor[] {
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.find((name) => !(localActors as readonly string[]).includes(name))
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${localActors.join(', ')}.`)
  return names as readonly LocalActor[]
}

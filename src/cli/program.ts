import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { cancel } from './commands/cancel.ts'
import { check } from './commands/check.ts'
import { clear } from './commands/clear.ts'
import { answerCompletion, completion } from './commands/completion.ts'
import { discard } from './commands/discard.ts'
import { drain } from './commands/drain.ts'
import { enqueue } from './commands/enqueue.ts'
import { explain } from './commands/explain.ts'
import { failures } from './commands/failures.ts'
import { invocations } from './commands/invocations.ts'
import { job } from './commands/job.ts'
import { jobs } from './commands/jobs.ts'
import { keys } from './commands/keys.ts'
import { migrate } from './commands/migrate.ts'
import { pause, resume } from './commands/pause.ts'
import { purge } from './commands/purge.ts'
import { queues } from './commands/queues.ts'
import { recurring } from './commands/recurring/index.ts'
import { retry } from './commands/retry.ts'
import { runNow } from './commands/run-now.ts'
import { start } from './commands/start.ts'
import { tick } from './commands/tick.ts'
import { exitCodes } from './exit-codes.ts'
import { failureOf } from './failure.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('steadytick')
  .description('The job queue for people who run no servers.')
  .version(version)
  .exitOverride()
  // An option behind a command is of that command, not of its parents.
  .enablePositionalOptions()
  .addHelpText(
    'after',
    `
The queue is the default export of steadytick.config.ts: defineConfig({ jobs, perform, connect? }).
The database is what the config's connect opens; without it, what the queue's connect opens.
Without a config, migrate uses DATABASE_URL: file:… (SQLite) or postgres://….
Ends with 0: done; 1: it failed; 2: it was called wrongly; 3: what was named is not there, or not in a state for this.`,
  )

const groups = {
  'Run it:': [start, tick, drain, migrate, check],
  'Look:': [jobs, job, explain, queues, keys, recurring, failures, invocations],
  'Move:': [enqueue, retry, runNow, cancel, discard, pause, resume, purge, clear],
}
program.addCommand(completion.copyInheritedSettings(program))
for (const [heading, commands] of Object.entries(groups))
  for (const command of commands) {
    for (const within of command.commands) within.copyInheritedSettings(program)
    program.addCommand(command.copyInheritedSettings(program).helpGroup(heading))
  }

try {
  await answerCompletion(program, process.argv.slice(2))
  await program.parseAsync()
} catch (error) {
  // Commander has printed the error already, or was only asked for help.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage
  else {
    const { message, exitCode } = failureOf(error)
    console.error(message)
    process.exitCode = exitCode
  }
}
// A handler that ignored its signal was released, and must not keep the process running. The output is written first.
process.stdout.write('', () => process.exit())

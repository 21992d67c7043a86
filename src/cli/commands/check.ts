import { requireServer } from '../../server-version.ts'
import { command, type CommandOptions } from '../command.ts'
import { unperformed } from '../config.ts'
import { using } from '../database.ts'
import { exitCodes } from '../exit-codes.ts'
import { openQueue } from '../open.ts'
import { manage } from '../../manage/index.ts'

export const check = command('check', 'say whether the config, the database and its schema are fit to work')
  .option('--invariants', 'also look for jobs that are not in exactly one state; it reads every job')
  .action(run)

async function run({ invariants, ...options }: CommandOptions & { invariants?: boolean }): Promise<void> {
  const { queue, config, settings, database } = await openQueue(options)
  try {
    console.log(`ok  config: ${config.jobs.tasks.size} tasks, workers ${[...settings.workers.keys()].join(', ')}`)
    const missing = unperformed(config)
    if (missing.length > 0) {
      console.error(`No performer here: ${missing.join(', ')}. Their jobs would fail; add it to \`perform\`.`)
      process.exitCode = exitCodes.failed
    }
    const faults = await using(database, async () => {
      const server = await requireServer(queue.driver)
      console.log(`ok  database: ${[database.label, server].filter(Boolean).join(', ')}`)
      const { schemaVersion } = await queue.check()
      console.log(`ok  schema: ${schemaVersion}`)
      return invariants ? manage(queue).jobs.faults() : null
    })
    if (!faults) return
    for (const { fault, id } of faults) console.error(`job ${id}: ${fault}`)
    if (faults.length === 0) {
      console.log('ok  jobs: each is in exactly one state')
      return
    }
    console.error(`Jobs that are not whole: ${faults.length}. Something other than Steadytick changed the tables.`)
    process.exitCode = exitCodes.failed
  } finally {
    await queue.close()
  }
}

import { requireServer } from '../server-version.ts'
import { type CommandOptions, openQueue } from './open.ts'
import { UsageError } from './usage-error.ts'

/** Says whether this deployment can work: its config, its database and the schema there; and, asked to, whether the jobs are whole. */
export async function check({ invariants, ...options }: CommandOptions & { invariants?: boolean }): Promise<void> {
  const { queue, config, settings, database } = await openQueue(options)
  try {
    console.log(`ok  config: ${config.jobs.tasks.size} tasks, workers ${[...settings.workers.keys()].join(', ')}`)
    const server = await requireServer(queue.driver)
    console.log(`ok  database: ${database.label} (${server})`)
    const { schemaVersion } = await queue.check()
    console.log(`ok  schema: ${schemaVersion}`)
    if (!invariants) return
    const faults = await queue.findFaults()
    for (const { fault, id } of faults) console.error(`job ${id}: ${fault}`)
    if (faults.length > 0)
      throw new UsageError(
        `Jobs that are not whole: ${faults.length}. Something other than Steadytick changed the tables.`,
      )
    console.log('ok  jobs: each is in exactly one state')
  } finally {
    await queue.close()
  }
}

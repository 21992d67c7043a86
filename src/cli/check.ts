import { requireServer } from '../server-version.ts'
import { type CommandOptions, openQueue } from './open.ts'

/** Says whether this deployment can work: its config, its database and the schema there. */
export async function check(options: CommandOptions): Promise<void> {
  const { queue, config, settings, database } = await openQueue(options)
  try {
    console.log(`ok  config: ${config.jobs.tasks.size} tasks, workers ${[...settings.workers.keys()].join(', ')}`)
    const server = await requireServer(queue.driver)
    console.log(`ok  database: ${database.label} (${server})`)
    const { schemaVersion } = await queue.check()
    console.log(`ok  schema: ${schemaVersion}`)
  } finally {
    await queue.close()
  }
}

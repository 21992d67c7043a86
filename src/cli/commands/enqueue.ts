import type { EnqueueOptions } from '../../job/contract.ts'
import type { DefinedTask } from '../../job/defined-task.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { requireKnown } from '../known-name.ts'
import { withQueue } from '../open.ts'
import { payloadOf } from '../payload.ts'
import { enqueuedText, report } from '../report.ts'
import { numberOf } from '../selection-options.ts'
import { runAfterOf } from '../when.ts'

type Options = ReportOptions & EnqueueOptions

export const enqueue = reporting('enqueue', 'enqueue a job')
  .argument('<task>', 'the name of a task of the config')
  .argument('[json]', 'its payload, as JSON; - reads it from standard input')
  .option('-q, --queue <name>', "another queue than the task's")
  .option('-p, --priority <number>', 'from -100 to 100, larger runs first', numberOf(-100, 100))
  .option('--run-after <when>', 'when it is due: so long from now, as in 5m, or an instant', runAfterOf)
  .option('--id <uuid>', 'an id of your own: a job of that id is stored once')
  .action((name: string, json: string | undefined, { config: path, json: asJson, ...options }: Options) =>
    withQueue({ config: path }, async ({ queue, config }) => {
      const { tasks } = config.jobs
      requireKnown('task', name, tasks.keys())
      const { task } = tasks.get(name) as DefinedTask
      const enqueued = await queue.enqueue(task, await payloadOf(json), options)
      report({ json: asJson }, enqueued, () => enqueuedText(enqueued))
    }),
  )

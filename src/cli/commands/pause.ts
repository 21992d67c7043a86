import type { Command } from 'commander'
import { queuesNamed } from '../../manage/known-queue.ts'
import type { Queue } from '../../queue.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { didYouMean, requireKnown } from '../known-name.ts'
import { withQueue } from '../open.ts'
import { plain, report } from '../report.ts'
import { manage } from '../../manage/index.ts'

export const pause = ofQueues('pause', 'let nothing more of queues be claimed; what is claimed goes on', {
  change: async (queue, name) => {
    const paused = await manage(queue).queues.pause(name)
    if (!paused.known) await warn(queue, name)
    return paused
  },
  done: 'paused',
  before: 'was paused already',
})

export const resume = ofQueues('resume', 'end the pause of queues', {
  change: async (queue, name) => ({ changed: await manage(queue).queues.resume(name) }),
  done: 'resumed',
  before: 'was not paused',
})

function ofQueues(
  verb: string,
  description: string,
  {
    change,
    done,
    before,
  }: {
    change: (queue: Queue, name: string) => Promise<{ readonly changed: boolean }>
    done: string
    before: string
  },
): Command {
  return reporting(verb, description)
    .argument('<queues...>', 'their names')
    .action((names: readonly string[], options: ReportOptions) =>
      withQueue(options, async ({ queue, config }) => {
        const { queues } = config.jobs
        if (queues) for (const name of names) requireKnown('queue', name, queues)
        const changes: { queue: string; changed: boolean }[] = []
        for (const name of names) changes.push({ queue: name, ...(await change(queue, name)) })
        report(options, changes, () =>
          changes.map(({ queue: name, changed }) => `${plain(name)}  ${changed ? done : before}`).join('\n'),
        )
      }),
    )
}

/** A queue that is misspelt is paused, too: it may be one of jobs to come. */
async function warn(queue: Queue, name: string): Promise<void> {
  const { items } = await manage(queue).queues.list()
  const withJobs = items.flatMap((listed) => (listed.ready.count > 0 ? listed.name : []))
  const others = [...new Set([...queuesNamed(queue['~core']), ...withJobs])]
  console.error(
    plain(`No job waits in "${name}", and no task, recurring task or worker names it. ${didYouMean(name, others)}`),
  )
}

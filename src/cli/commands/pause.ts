import type { Command } from 'commander'
import type { Queue } from '../../queue.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { requireKnown } from '../known-name.ts'
import { withQueue } from '../open.ts'
import { plain, report } from '../report.ts'
import { manage } from '../../manage/index.ts'

export const pause = ofQueues('pause', 'let nothing more of queues be claimed; what is claimed goes on', {
  change: (queue, name) => manage(queue).queues.pause(name),
  done: 'paused',
  before: 'was paused already',
})

export const resume = ofQueues('resume', 'end the pause of queues', {
  change: (queue, name) => manage(queue).queues.resume(name),
  done: 'resumed',
  before: 'was not paused',
})

function ofQueues(
  verb: string,
  description: string,
  { change, done, before }: { change: (queue: Queue, name: string) => Promise<boolean>; done: string; before: string },
): Command {
  return reporting(verb, description)
    .argument('<queues...>', 'their names')
    .action((names: readonly string[], options: ReportOptions) =>
      withQueue(options, async ({ queue, config }) => {
        const { queues } = config.jobs
        if (queues) for (const name of names) requireKnown('queue', name, queues)
        const changed: { queue: string; changed: boolean }[] = []
        for (const name of names) changed.push({ queue: name, changed: await change(queue, name) })
        report(options, changed, () =>
          changed.map(({ queue: name, changed: did }) => `${plain(name)}  ${did ? done : before}`).join('\n'),
        )
      }),
    )
}

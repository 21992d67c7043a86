import { reporting } from '../command.ts'
import { requireKnown } from '../known-name.ts'
import { sweep, type SweepOptions, withSweep } from '../action-command.ts'
import { withQueue } from '../open.ts'
import { manage } from '../../manage/index.ts'

const move = { name: 'purge', doing: 'Purging', done: 'purged', destructive: true } as const

export const purge = withSweep(reporting(move.name, 'delete the ready jobs of a queue'), move)
  .argument('<queue>', 'its name')
  .action((name: string, options: SweepOptions) =>
    withQueue(options, ({ queue, config }) => {
      if (config.jobs.queues) requireKnown('queue', name, config.jobs.queues)
      return sweep(move, 'ready', (bounds) => manage(queue).queues.purge(name, bounds), options)
    }),
  )

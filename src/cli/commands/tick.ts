import type { Queue } from '../../queue.ts'
import * as ticks from '../../ticks/index.ts'
import { Argument } from 'commander'
import { consoleLogger } from '../../events.ts'
import { command, type CommandOptions } from '../command.ts'
import { withHandlers } from '../early-end.ts'
import { withQueue } from '../open.ts'
import { stopSignals } from '../stop-signals.ts'

const tickActors = ['tick', 'dispatch', 'work', 'schedule', 'prune', 'maintain'] as const
type TickActor = (typeof tickActors)[number]

export const tick = command('tick', 'run one pass, and print its report as JSON')
  .addArgument(new Argument('[actor]', 'whose pass').choices(tickActors).default('tick', 'all of them'))
  .option('-w, --worker <name>', 'with work: which worker (default: the first)')
  .action(run)

async function run(actor: TickActor, { worker, ...options }: CommandOptions & { worker?: string }): Promise<void> {
  const signals = stopSignals()
  const passes: Record<TickActor, (queue: Queue, options: ticks.TickOptions) => Promise<object>> = {
    tick: ticks.tick,
    dispatch: ticks.dispatch,
    work: (open, given) => ticks.work(open, { ...given, ...(worker === undefined ? {} : { worker }) }),
    schedule: ticks.schedule,
    prune: ticks.prune,
    maintain: ticks.maintain,
  }
  await withQueue(options, async ({ queue }) => {
    const ticked = await withHandlers(queue, { logger: consoleLogger, signals }, () => passes[actor](queue, signals))
    console.log(JSON.stringify(ticked))
  })
}

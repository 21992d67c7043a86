import type { Queue } from '../../queue.ts'
import type { TickOptions } from '../../ticks/core.ts'
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
  const passes: Record<TickActor, (queue: Queue, options: TickOptions) => Promise<object>> = {
    tick: (open, given) => open.tick(given),
    dispatch: (open, given) => open.dispatch(given),
    work: (open, given) => open.work({ ...given, ...(worker === undefined ? {} : { worker }) }),
    schedule: (open, given) => open.schedule(given),
    prune: (open, given) => open.prune(given),
    maintain: (open, given) => open.maintain(given),
  }
  await withQueue(options, async ({ queue }) => {
    const ticked = await withHandlers(queue, { logger: consoleLogger, signals }, () => passes[actor](queue, signals))
    console.log(JSON.stringify(ticked))
  })
}

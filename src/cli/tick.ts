import type { Queue } from '../queue.ts'
import type { TickOptions } from '../ticks/core.ts'
import { type CommandOptions, openQueue } from './open.ts'
import { stopSignals } from './stop-signals.ts'

export const tickActors = ['tick', 'dispatch', 'work', 'prune', 'maintain'] as const
export type TickActor = (typeof tickActors)[number]

/** Runs one pass of an actor, or of all, and prints its report as JSON. */
export async function tick(
  actor: TickActor,
  { worker, ...options }: CommandOptions & { worker?: string },
): Promise<void> {
  const { signal, immediate } = stopSignals()
  const { queue } = await openQueue(options)
  const passes: Record<TickActor, (queue: Queue, options: TickOptions) => Promise<object>> = {
    tick: (open, given) => open.tick(given),
    dispatch: (open, given) => open.dispatch(given),
    work: (open, given) => open.work({ ...given, immediate, ...(worker === undefined ? {} : { worker }) }),
    prune: (open, given) => open.prune(given),
    maintain: (open, given) => open.maintain(given),
  }
  try {
    console.log(JSON.stringify(await passes[actor](queue, { signal })))
  } finally {
    await queue.close()
  }
}

import type { Queue } from '../queue.ts'
import type { Core } from '../core.ts'
import { remainingMs } from './pass.ts'
import { type Bounded, bounded, type TickOptions } from './tick-options.ts'

/**
 * Runs a pass, and then waits for what hooks have returned: a platform may freeze the process, or end it, as soon as the
 * tick resolves. A hook that hangs holds the tick for `shutdownGrace` at most, and not beyond its deadline.
 */
export async function withHooks<Options extends TickOptions, R>(
  { '~core': core }: Queue,
  given: Options,
  act: (core: Core, options: Bounded<Options>) => Promise<R>,
): Promise<R> {
  const options = bounded(given)
  try {
    return await act(core, options)
  } finally {
    await core.emitter.hooksEnded(Math.min(core.settings.shutdownGraceMs, remainingMs(options)))
  }
}

import type { Queue } from '../queue.ts'
import type { Core } from '../core.ts'
import { remainingMs, type TickOptions } from './pass.ts'

/**
 * Runs a pass, and then waits for what hooks have returned: a platform may freeze the process, or end it, as soon as the
 * tick resolves. A hook that hangs holds the tick for `shutdownGrace` at most, and not beyond its deadline.
 */
export async function withHooks<R>(
  { '~core': core }: Queue,
  options: TickOptions,
  act: (core: Core) => Promise<R>,
): Promise<R> {
  try {
    return await act(core)
  } finally {
    await core.emitter.hooksEnded(Math.min(core.settings.shutdownGraceMs, remainingMs(options)))
  }
}

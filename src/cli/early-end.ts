import type { Logger } from '../events.ts'
import { describeError } from '../job/job-error.ts'
import { ProcessCrashedError } from '../job/performing-errors.ts'
import { JobsInHand } from '../ticks/jobs-in-hand.ts'
import type { Queue } from '../queue.ts'
import { exitCodes } from './exit-codes.ts'
import type { StopSignals } from './stop-signals.ts'

/**
 * The time that an uncaught error leaves to the other handlers. It is short, since the state of the process is then
 * unknown.
 */
const graceMs = 2000

/**
 * Performs with handlers that may end the process: by an error that nothing catches, a rejection that nothing awaits,
 * or `process.exit()`. An uncaught error ends the process gracefully, so that the jobs of other handlers are settled or
 * released, and not lost; a job that was released so three times fails. Each of these ends is logged with the jobs in hand, and makes the exit code other than 0.
 */
export async function withHandlers<T>(
  queue: Queue,
  { logger, signals }: { logger: Logger; signals: StopSignals },
  perform: () => Promise<T>,
): Promise<T> {
  const inHand = new JobsInHand(queue['~core'].emitter)
  const onError = (error: unknown, origin: string) => {
    process.exitCode = exitCodes.failed
    logger.error(
      { error: describeError(error), origin, ...inHand.now() },
      'An error outside of every job ends this process: await each promise, and catch what callbacks throw',
    )
    signals.stop(graceMs, new ProcessCrashedError(error))
  }
  const onExit = (code: number) => {
    if (code === 0 && !signals.signal.aborted) process.exitCode = exitCodes.failed
    logger.error({ code, ...inHand.now() }, 'process.exit() was called while jobs could be in hand')
  }
  process.on('uncaughtException', onError)
  process.on('exit', onExit)
  try {
    return await perform()
  } finally {
    process.off('exit', onExit)
    process.off('uncaughtException', onError)
    inHand.close()
  }
}

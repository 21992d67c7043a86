import type { Ending } from '../dialects/moves.ts'
import type { Core } from '../core.ts'
import { isMarked } from '../errors.ts'
import { backoffDelayMs, defaultBackoff } from '../job/backoff.ts'
import { childId } from '../job/child-id.ts'
import { describeError, type JobErrorData } from '../job/job-error.ts'
import type { PerformContext } from '../job/contract.ts'
import { FinalError, JobTimeoutError, UnknownTaskError } from '../job/performing-errors.ts'
import { parseBySchema } from '../job/schema.ts'
import { startTimer } from '../job/timer.ts'
import type { ClaimedJob } from '../transitions/claim.ts'

/**
 * How a performing ended. `stopped`: its handler gave up, after its signal was aborted because the invocation
 * ends or the job was cancelled.
 */
export type Outcome = Pick<Ending, 'kind' | 'result' | 'resultMeta' | 'delayMs'> & {
  readonly error: JobErrorData | null
}
export type Performed = Outcome | 'stopped'

/**
 * Performs one claimed job. Never throws: an error thrown within it is the job's failure. The job runs again while
 * attempts remain, except where another attempt could not end otherwise: `FinalError`, and payloads that cannot be
 * read.
 *
 * @param stop aborted when the invocation ends, and here when the job has timed out. Each job has its own: a signal
 *   that jobs share, or one that `AbortSignal.any` makes of it, keeps all that jobs add to it for as long as the
 *   invocation lasts
 */
export async function perform(
  core: Core,
  job: ClaimedJob,
  { stop, report }: { stop: AbortController; report: (progress: string) => void },
): Promise<Performed> {
  const { timeoutMs = null, backoff = defaultBackoff } = core.tasks.get(job.task) ?? {}
  let timedOut = false
  let stopTimer = () => {}
  try {
    // From claim to settlement: reading the payload asks schemas and models, which may take long, too.
    const performing = performOnce(core, job, stop.signal, report)
    // A performing that ignores its signal must not keep the job: the race is decided without it.
    performing.catch(() => {})
    if (timeoutMs === null) return await performing
    const late = new Promise<never>((_, reject) => {
      stopTimer = startTimer(timeoutMs, () => {
        const error = new JobTimeoutError(timeoutMs)
        timedOut = true
        stop.abort(error)
        reject(error)
      })
    })
    return await Promise.race([performing, late])
  } catch (error) {
    if (stop.signal.aborted && !timedOut) return 'stopped'
    const attempt = job.attempts + 1
    const again = attempt < job.maxAttempts && !isFinal(error)
    return {
      kind: again ? 'retried' : 'failed',
      result: null,
      resultMeta: null,
      delayMs: again ? Math.round(backoffDelayMs(backoff, { attempt, error, random: core.random() })) : 0,
      error: describeError(error),
    }
  } finally {
    stopTimer()
  }
}

/** Reads the payload, calls the handler, and encodes its value. @throws whatever goes wrong */
async function performOnce(
  core: Core,
  job: ClaimedJob,
  signal: AbortSignal,
  report: (progress: string) => void,
): Promise<Outcome> {
  const known = core.tasks.get(job.task)
  const handler = core.handlers.get(job.task)
  if (!handler) throw new UnknownTaskError(job.task, known !== undefined)
  const payload = await parseBySchema(known?.schema ?? null, await core.codec.decode(job.payload, job.payloadMeta))
  signal.throwIfAborted()
  const value = await handler(payload as never, contextOf(core, job, signal, report))
  if (value === undefined) return { kind: 'succeeded', result: null, resultMeta: null, delayMs: 0, error: null }
  const { json, meta } = encodeResult(core, value)
  return { kind: 'succeeded', result: json, resultMeta: meta, delayMs: 0, error: null }
}

/** The codes of errors that another attempt would end with, too. */
const finalCodes: ReadonlySet<string> = new Set(['JOB_FINAL', 'PAYLOAD_INVALID', 'PAYLOAD_UNREADABLE'])

/** Compares codes: a bundle may hold these classes twice. The error may be a Proxy that throws when it is looked at. */
function isFinal(error: unknown): boolean {
  try {
    return isMarked(error) && finalCodes.has(error.code)
  } catch {
    return false
  }
}

/** A value that cannot be stored fails the job for good: its work is done, and is not to be done again. */
function encodeResult(core: Core, value: unknown): { json: string; meta: string | null } {
  try {
    return core.codec.encode(value, 'result', { foreign: true })
  } catch (error) {
    throw new FinalError('The job succeeded, but what it returned cannot be stored.', { cause: error })
  }
}

function contextOf(
  core: Core,
  job: ClaimedJob,
  signal: AbortSignal,
  report: (progress: string) => void,
): PerformContext {
  const { id, task: taskName, queue: queueName, priority, enqueuedAt, scheduledAt } = job
  return {
    signal,
    job: { id, task: taskName, queue: queueName, priority, enqueuedAt, scheduledAt },
    attempt: job.attempts + 1,
    maxAttempts: job.maxAttempts,
    progress: (value) => report(core.codec.encode(value, 'progress', { foreign: true }).json),
    queue: core.enqueuer,
    childId: (key) => childId(id, key),
  }
}

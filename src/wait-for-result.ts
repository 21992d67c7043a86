import { QueueError } from './errors.ts'
import { formatDuration } from './job/duration.ts'
import type { Job } from './job/job.ts'
import { JobCancelledError } from './job/performing-errors.ts'

/** The job failed: `result` has no value to give. */
export class JobFailedError extends QueueError {
  override readonly name = 'JobFailedError'
  readonly code = 'JOB_FAILED'
}

/** `result` waited for its `timeout`, and the job is not finished. */
export class ResultTimeoutError extends QueueError {
  override readonly name = 'ResultTimeoutError'
  readonly code = 'RESULT_TIMEOUT'
}

/** No job of that id is stored: it never was, or it was cleared. */
export class UnknownJobError extends QueueError {
  override readonly name = 'UnknownJobError'
  readonly code = 'JOB_UNKNOWN'

  constructor(id: string) {
    super(`No job ${id}. It was never enqueued here, or it finished and was cleared.`)
  }
}

/**
 * Waits for a job to finish: finds it again and again, after 50 ms at first, and each second at last.
 *
 * @returns the value that the job's handler returned
 * @throws JobFailedError, JobCancelledError, UnknownJobError, ResultTimeoutError, and the reason of `signal`
 */
export async function waitForResult(
  find: () => Promise<Job | null>,
  { id, timeoutMs, signal }: { id: string; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<unknown> {
  const end = Date.now() + timeoutMs
  for (let wait = 50; ; wait = Math.min(wait * 1.5, 1000)) {
    signal?.throwIfAborted()
    const job = await find()
    if (!job) throw new UnknownJobError(id)
    if (job.outcome === 'cancelled') throw new JobCancelledError(id)
    if (job.state === 'finished') return job.result
    if (job.state === 'failed') {
      const error = job.errors.at(-1)
      throw new JobFailedError(`Job ${id} failed: ${error ? `${error.name}: ${error.message}` : 'no error was kept'}`)
    }
    if (Date.now() + wait > end)
      throw new ResultTimeoutError(`Job ${id} is ${job.state}, ${formatDuration(timeoutMs)} after it was asked for.`)
    await pause(wait, signal)
  }
}

/** Waits for `ms` milliseconds, or until the signal is aborted. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}

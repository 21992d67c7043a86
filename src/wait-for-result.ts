import { QueueError } from './errors.ts'
import { formatDuration } from './job/duration.ts'
import type { Job, JobError } from './job/job.ts'
import { JobCancelledError } from './job/performing-errors.ts'
import { sleep } from './job/timer.ts'

/** The job failed: `result` has no value to give. */
export class JobFailedError extends QueueError {
  override readonly name = 'JobFailedError'
  readonly code = 'JOB_FAILED'
  readonly job: Job
  /** The error of its last performing; null where another program has removed it. */
  readonly error: JobError | null

  constructor(job: Job) {
    const error = job.errors.at(-1) ?? null
    super(`Job ${job.id} failed: ${error ? `${error.name}: ${error.message}` : 'no error was kept'}`)
    this.job = job
    this.error = error
  }
}

/** The job was skipped when it came due, since its key was full: it was never performed, so it has no result. */
export class JobSkippedError extends QueueError {
  override readonly name = 'JobSkippedError'
  readonly code = 'JOB_SKIPPED'

  constructor({ id, concurrencyKey }: Job) {
    super(
      `Job ${id} was skipped: its key "${concurrencyKey}" was full when it came due, and its task says \`onConflict: 'skip'\`. ` +
        'Enqueue it again, or let the task wait for its key with "block".',
    )
  }
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
 * @throws JobFailedError, JobCancelledError, JobSkippedError, UnknownJobError, ResultTimeoutError, and the reason of `signal`
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
    if (job.outcome === 'skipped') throw new JobSkippedError(job)
    if (job.state === 'finished') return job.result
    if (job.state === 'failed') throw new JobFailedError(job)
    const left = end - Date.now()
    if (left <= 0)
      throw new ResultTimeoutError(`Job ${id} is ${job.state}, ${formatDuration(timeoutMs)} after it was asked for.`)
    await sleep(Math.min(wait, left), signal)
  }
}

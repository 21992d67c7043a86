import { QueueError } from '../errors.ts'
import { formatDuration } from './duration.ts'

/** A stored job names a task that this deployment has no handler for. */
export class UnknownTaskError extends QueueError {
  override readonly name = 'UnknownTaskError'
  readonly code = 'TASK_UNKNOWN'

  constructor(taskName: string, known: boolean) {
    super(
      known
        ? `The task "${taskName}" has no performer here. Add it to the \`perform\` list of the ticks.`
        : `No task named "${taskName}". Add it to the tasks given to defineQueue().`,
    )
  }
}

/** Throw it from a handler to fail the job for good, whatever attempts remain. */
export class FinalError extends QueueError {
  override readonly name = 'FinalError'
  readonly code = 'JOB_FINAL'
}

/** A performing took longer than its task's `timeout`. */
export class JobTimeoutError extends QueueError {
  override readonly name = 'JobTimeoutError'
  readonly code = 'JOB_TIMEOUT'

  constructor(timeoutMs: number) {
    super(
      `The job took longer than its timeout of ${formatDuration(timeoutMs)}. Raise \`timeout\`, or do less in one job.`,
    )
  }
}

/** The job was cancelled: the reason of its aborted signal, and the error of waiting for its result. */
export class JobCancelledError extends QueueError {
  override readonly name = 'JobCancelledError'
  readonly code = 'JOB_CANCELLED'

  constructor(id: string) {
    super(`Job ${id} was cancelled.`)
  }
}

/**
 * The reason of a signal that is aborted when the invocation ends: its deadline is near, it was told to stop, or its
 * lease was lost.
 */
export class InvocationEndingError extends QueueError {
  override readonly name = 'InvocationEndingError'
  readonly code = 'INVOCATION_ENDING'
}

/**
 * An error that nothing caught ended the process three times while the job was performed there. As the reason of a
 * signal, it says that this is why the process stops.
 */
export class ProcessCrashedError extends QueueError {
  override readonly name = 'ProcessCrashedError'
  readonly code = 'PROCESS_CRASHED'

  /** @param error what nothing has caught */
  constructor(error: unknown) {
    super(
      `An error that nothing caught ended the process, for the third time with this job in hand: ${error instanceof Error ? error.message : String(error)}. ` +
        'The error may be of a job beside it. Await each promise, catch what callbacks throw, then retry the job.',
      { cause: error },
    )
  }
}

/** A job was given back after three whole invocations: it needs more time than an invocation has. */
export class JobTooLongError extends QueueError {
  override readonly name = 'JobTooLongError'
  readonly code = 'JOB_TOO_LONG'

  constructor(hadMs: number, started: boolean) {
    super(
      started
        ? `The job did not end within an invocation, three times; the last one gave it ${formatDuration(hadMs)}. ` +
            'Split it into smaller jobs, or perform it where invocations last longer.'
        : `The job was not started, three times: its timeout is longer than the invocation, which had ${formatDuration(hadMs)} for it. ` +
            'Give its task a shorter timeout, or perform it where invocations last longer.',
    )
  }
}

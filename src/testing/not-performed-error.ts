import { QueueError } from '../errors.ts'
import type { Job } from '../job/job.ts'

/** `result` was asked of a job that has not ended. A test queue performs nothing by itself, so waiting would not help. */
export class NotPerformedError extends QueueError {
  override readonly name = 'NotPerformedError'
  readonly code = 'JOB_NOT_PERFORMED'

  /** @param now the time of the test queue's clock */
  constructor({ id, state, scheduledAt }: Job, now: Date) {
    const isLater = state === 'scheduled' && scheduledAt > now
    super(
      isLater
        ? `Job ${id} is scheduled for ${scheduledAt.toISOString()}, and the clock of the test queue stands at ${now.toISOString()}. ` +
            'Call advance(), then drain(), before you ask for its result.'
        : `Job ${id} is ${state}. A test queue performs nothing by itself: call drain() before you ask for its result.`,
    )
  }
}

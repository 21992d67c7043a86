import type { Ending } from '../dialects/moves.ts'
import type { QueueError } from '../errors.ts'
import { fingerprintOf } from '../job/fingerprint.ts'
import { describeError, type JobErrorData } from '../job/job-error.ts'
import type { ClaimedJob } from '../transitions/claim.ts'
import { FinalError, JobTooLongError, type ProcessCrashedError } from '../job/performing-errors.ts'
import type { Outcome } from './perform.ts'

/** After this many releases that count, a job fails: whole invocations were too short for it, or the process crashed. */
const maxReleases = 3

/** How a claim ends: the ending to write, and the error for the hooks. */
export interface Ended {
  readonly ending: Ending
  readonly error: JobErrorData | null
}

/** A performing that ended by itself: it spends an attempt, whatever its outcome. */
export function endPerformed(job: ClaimedJob, progress: string | null, { error, ...outcome }: Outcome): Ended {
  return ended(job, error, { ...outcome, progress, spent: true, whole: false })
}

/**
 * A job that is given back, since its invocation ends.
 *
 * @param wholeMs the time that the job had, if that was about all that an invocation has, so that the next one will
 *   give no more; null if the job had less
 * @param started whether the job was performed
 */
export function endStopped(
  job: ClaimedJob,
  progress: string | null,
  { wholeMs, started }: { wholeMs: number | null; started: boolean },
): Ended {
  return givenBack(job, progress, {
    spent: wholeMs !== null && started,
    failure: wholeMs === null ? null : () => new JobTooLongError(wholeMs, started),
  })
}

/** A job that is given back, since an error that nothing caught ends the process. The error may be of this job. */
export function endCrashed(job: ClaimedJob, progress: string | null, crash: ProcessCrashedError): Ended {
  return givenBack(job, progress, { spent: false, failure: () => crash })
}

/**
 * A job that is given back. It fails at the third release that counts.
 *
 * @param failure the error of the third one; null: this release does not count
 */
function givenBack(
  job: ClaimedJob,
  progress: string | null,
  { spent, failure }: { spent: boolean; failure: (() => QueueError) | null },
): Ended {
  const error = failure && job.releases + 1 >= maxReleases ? describeError(failure()) : null
  return ended(job, error, {
    kind: error ? 'failed' : 'released',
    result: null,
    resultMeta: null,
    delayMs: 0,
    progress,
    spent,
    whole: failure !== null,
  })
}

/** A job that was cancelled while it was performed. */
export function endCancelled(job: ClaimedJob, progress: string | null): Ended {
  return ended(job, null, {
    kind: 'cancelled',
    result: null,
    resultMeta: null,
    delayMs: 0,
    progress,
    spent: true,
    whole: false,
  })
}

/**
 * The same ending without a part that may be larger than the database takes: first without the progress, then without
 * the result. The work is done, so without its result the job fails for good. Null when there is nothing to leave out.
 */
export function lighten(job: ClaimedJob, { ending, error }: Ended, cause: unknown): Ended | null {
  if (ending.progress !== null) return { error, ending: { ...ending, progress: null } }
  if (ending.result === null) return null
  const refused = new FinalError('The job succeeded, but the database refused its result.', { cause })
  return ended(job, describeError(refused), { ...ending, kind: 'failed', result: null, resultMeta: null })
}

function ended(
  { id, claim, attempts }: ClaimedJob,
  error: JobErrorData | null,
  rest: Omit<Ending, 'id' | 'claim' | 'error' | 'fingerprint'>,
): Ended {
  return {
    error,
    ending: {
      ...rest,
      id,
      claim,
      error: error && JSON.stringify({ ...error, attempt: attempts + 1 }),
      fingerprint: error && fingerprintOf(error),
    },
  }
}

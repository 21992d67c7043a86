import type { DatabaseError } from './dialects/driver.ts'
import {
  type ArgumentError,
  type ConfigurationError,
  type DeserializationError,
  type InconsistentJobError,
  isMarked,
  type MissingBindingError,
  type PayloadError,
} from './errors.ts'
import type {
  FinalError,
  InvocationEndingError,
  JobCancelledError,
  JobTimeoutError,
  JobTooLongError,
  ProcessCrashedError,
  UnknownTaskError,
} from './job/performing-errors.ts'
import type { JobClaimedError } from './manage/jobs.ts'
import type { RecurringTaskExistsError, StaticRecurringTaskError } from './manage/recurring-errors.ts'
import type { SchemaError } from './schema-error.ts'
import type { OutcomeUnknownError } from './transitions/run.ts'
import type { JobFailedError, JobSkippedError, ResultTimeoutError, UnknownJobError } from './wait-for-result.ts'

/** Every error of Steadytick's; those of the test kit are for tests alone. */
export type SteadytickError =
  | ArgumentError
  | ConfigurationError
  | DatabaseError
  | DeserializationError
  | FinalError
  | InconsistentJobError
  | InvocationEndingError
  | JobCancelledError
  | JobClaimedError
  | JobFailedError
  | JobSkippedError
  | JobTimeoutError
  | JobTooLongError
  | MissingBindingError
  | OutcomeUnknownError
  | PayloadError
  | ProcessCrashedError
  | RecurringTaskExistsError
  | ResultTimeoutError
  | SchemaError
  | StaticRecurringTaskError
  | UnknownJobError
  | UnknownTaskError

/** The code of an error: never reworded, unlike its message. Minor versions add codes. */
export type ErrorCode = SteadytickError['code']

/**
 * Whether a value is an error of Steadytick's, and of this code. Unlike `instanceof`, it also knows the errors of another
 * bundle or copy of Steadytick.
 *
 * @param code default: any
 * @example
 * if (isSteadytickError(error, 'PAYLOAD_INVALID')) return Response.json(error.issues, { status: 422 })
 */
export function isSteadytickError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is Extract<SteadytickError, { readonly code: Code }> {
  return isMarked(error) && (code === undefined || error.code === code)
}

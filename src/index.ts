export type { DialectOptions } from './dialects/dialect.ts'
export { DatabaseError, type Driver, type Failure } from './dialects/driver.ts'
export {
  ArgumentError,
  ConfigurationError,
  DeserializationError,
  InconsistentJobError,
  MissingBindingError,
  PayloadError,
  QueueError,
} from './errors.ts'
export type { Issue } from './job/issue.ts'
export type { EventName, Events, Hook, Hooks, Logger } from './events.ts'
export { type Backoff, exponential, type FailedAttempt, fixed } from './job/backoff.ts'
export type { ConcurrencyKey, ConcurrencyOptions, OnConflict } from './job/concurrency.ts'
export type { Duration } from './job/duration.ts'
export type { FindOptions, ResultOptions } from './job/finding.ts'
export { idOf } from './job/id-of.ts'
export type { JobErrorData } from './job/job-error.ts'
export type { Job, JobError, JobHandle, JobState } from './job/job.ts'
export { type Model, model } from './job/models.ts'
export type { Nudge } from './job/nudge.ts'
export type {
  Call,
  Elsewhere,
  EnqueuedOf,
  EnqueueOptions,
  Enqueuer,
  EnqueuerInTransaction,
  Handler,
  PerformContext,
  Performer,
  Task,
  TransactionalEnqueuer,
} from './job/contract.ts'
export type { Enqueued, Skipped } from './job/enqueued.ts'
export type { Prepared, PreparedAll, PreparedStatement, Transaction } from './job/prepared.ts'
export { task, type TaskOptions } from './job/task.ts'
export type { TaskDefaults } from './job/task-defaults.ts'
export { typed } from './job/typed.ts'
export {
  FinalError,
  InvocationEndingError,
  JobCancelledError,
  JobTimeoutError,
  JobTooLongError,
  ProcessCrashedError,
  UnknownTaskError,
} from './job/performing-errors.ts'
export type { RecurringOptions } from './recurring/read-recurring.ts'
export type { CatchUp } from './recurring/recurring-task.ts'
export { defineQueue, type QueueDefinition, type QueueOptions } from './definition.ts'
export type { OpenOptions, OpenQueue, PerformersFor, PerformingQueue } from './performers.ts'
export type { Connection, ExecutionContext } from './connection.ts'
export type { Queue } from './queue.ts'
export { type ErrorCode, isSteadytickError, type SteadytickError } from './is-steadytick-error.ts'
export { SchemaError } from './schema-error.ts'
export type { SettingsOptions, WorkerOptions } from './settings.ts'
export { OutcomeUnknownError } from './transitions/run.ts'
export { JobFailedError, JobSkippedError, ResultTimeoutError, UnknownJobError } from './wait-for-result.ts'

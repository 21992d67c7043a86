export type { Result, Row, Statement } from './dialects/query.ts'
export { DatabaseError, type Driver, type Failure } from './dialects/driver.ts'
export {
  ConfigurationError,
  DeserializationError,
  InconsistentJobError,
  MissingBindingError,
  PayloadError,
  QueueError,
} from './errors.ts'
export type { EventName, Events, Hook, Hooks, Logger } from './events.ts'
export { type Backoff, exponential, fixed } from './job/backoff.ts'
export type { ConcurrencyKey, ConcurrencyOptions, OnConflict } from './job/concurrency.ts'
export type { Duration } from './job/duration.ts'
export type { Job, JobError, JobState } from './job/job.ts'
export { type Model, model } from './job/models.ts'
export type { Nudge } from './job/nudge.ts'
export type {
  Call,
  Enqueuer,
  EnqueuerInTransaction,
  Handler,
  PerformContext,
  Performer,
  Task,
  TransactionalEnqueuer,
  Using,
} from './job/contract.ts'
export type { Enqueued, EnqueuedOr, Skipped } from './job/enqueued.ts'
export type { Prepared, PreparedAll, PreparedStatement, Transaction } from './job/prepared.ts'
export { task, type TaskOptions } from './job/task.ts'
export { JobClaimedError } from './operating/operator.ts'
export type { Explanation, Reason } from './operating/explain.ts'
export { type RecurringTask, RecurringTaskExistsError, StaticRecurringTaskError } from './operating/recurring.ts'
export type { RecurringChanges, RecurringOptions } from './recurring/read-recurring.ts'
export type { CatchUp } from './recurring/recurring-task.ts'
export type { JobList, ListedJob, ListOptions } from './operating/list.ts'
export type { Bulk, BulkOptions, JobFilter, JobSelection } from './operating/selection.ts'
export { defineQueue, type PerformersFor, type QueueDefinition, type QueueOptions } from './definition.ts'
export type { Connection, ExecutionContext } from './connection.ts'
export { Queue } from './queue.ts'
export { SchemaError } from './schema-error.ts'
export type { SettingsOptions, WorkerOptions } from './settings.ts'
export type { TickOptions, TickReport } from './ticks/core.ts'
export type { DispatchReport } from './ticks/dispatch.ts'
export type { WorkOptions } from './ticks/work-options.ts'
export type { MaintainReport } from './ticks/maintain.ts'
export type { ScheduleReport } from './ticks/schedule.ts'
export type { PruneReport } from './ticks/prune.ts'
export type { CombinedReport } from './ticks/tick.ts'
export type { WorkReport } from './ticks/work.ts'
export { JobTooLongError } from './ticks/ending.ts'
export {
  FinalError,
  InvocationEndingError,
  JobCancelledError,
  JobTimeoutError,
  UnknownTaskError,
} from './ticks/perform.ts'
export type { Cancelled } from './dialects/moves.ts'
export type { Count } from './transitions/count-jobs.ts'
export type { Fault } from './transitions/find-faults.ts'
export type { FailureKind } from './transitions/list-failures.ts'
export type { ListedInvocation } from './transitions/list-invocations.ts'
export type { Holder, ListedKey } from './transitions/list-keys.ts'
export type { Occurrence } from './transitions/list-occurrences.ts'
export type { ListedQueue } from './transitions/list-queues.ts'
export { OutcomeUnknownError } from './transitions/run.ts'
export { JobFailedError, ResultTimeoutError, UnknownJobError } from './wait-for-result.ts'

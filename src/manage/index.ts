import type { Queue } from '../queue.ts'
import { Invocations } from './invocations.ts'
import { Jobs } from './jobs.ts'
import { Keys } from './keys.ts'
import { Queues } from './queues.ts'
import { Recurring } from './recurring.ts'

export type { CancellableState, Cancelled, EndedState } from '../dialects/moves.ts'
export type { DiscardableState } from '../transitions/discard.ts'
export type { RecurringChanges } from '../recurring/read-recurring.ts'
export type { Count } from '../transitions/count-jobs.ts'
export type { Fault } from '../transitions/find-faults.ts'
export type { StoredJob } from '../transitions/find.ts'
export type { FailureKind } from '../transitions/list-failures.ts'
export type { ListedInvocation } from '../transitions/list-invocations.ts'
export type { Holder, ListedKey } from '../transitions/list-keys.ts'
export type { Occurrence } from '../transitions/list-occurrences.ts'
export type { ListedQueue } from '../transitions/list-queues.ts'
export type { Explanation, Reason } from './explain.ts'
export type { Invocations } from './invocations.ts'
export { JobClaimedError, type Jobs } from './jobs.ts'
export type { Keys } from './keys.ts'
export type { ListedJob } from './list.ts'
export type { Listing, Page, PageOptions } from './listing.ts'
export type { Paused, Queues } from './queues.ts'
export { RecurringTaskExistsError, StaticRecurringTaskError } from './recurring-errors.ts'
export type { Recurring, RecurringTask } from './recurring.ts'
export type { Bulk, BulkOptions, JobFilter, JobSelection } from './selection.ts'

/** The actions of people, rather than of the application and its ticks. */
export interface Manager {
  readonly jobs: Jobs
  readonly queues: Queues
  readonly recurring: Recurring
  readonly keys: Keys
  readonly invocations: Invocations
}

/**
 * Gives the actions of people on an open queue: its jobs, queues, recurring tasks, concurrency keys and invocations.
 *
 * @example
 * const { jobs } = manage(queue)
 * await jobs.retryAll({ task: 'deliver' })
 */
export function manage(queue: Queue): Manager {
  const core = queue['~core']
  const jobs = new Jobs(core)
  return {
    jobs,
    queues: new Queues(core, jobs),
    recurring: new Recurring(core),
    keys: new Keys(core),
    invocations: new Invocations(core),
  }
}

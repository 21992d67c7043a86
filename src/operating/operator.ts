import type { Driver } from '../dialects/driver.ts'
import type { CancellableState, Cancelled, EndedState, UnclaimedState } from '../dialects/moves.ts'
import { ConfigurationError, QueueError } from '../errors.ts'
import { type Duration, parseDuration } from '../job/duration.ts'
import { uuidOf } from '../job/job-id.ts'
import type { JobState } from '../job/job.ts'
import { queueNameProblem } from '../job/queue-patterns.ts'
import { quote } from '../job/quote.ts'
import { cancel } from '../transitions/cancel.ts'
import { clear, countEnded } from '../transitions/clear.ts'
import { type Count, countJobs } from '../transitions/count-jobs.ts'
import { discard } from '../transitions/discard.ts'
import { type Fault, findFaults } from '../transitions/find-faults.ts'
import { find, type StoredJob } from '../transitions/find.ts'
import { type FailureKind, listFailures } from '../transitions/list-failures.ts'
import { listInvocations, type ListedInvocation } from '../transitions/list-invocations.ts'
import { type Holder, type ListedKey, listHolders, listKeys } from '../transitions/list-keys.ts'
import { type ListedQueue, listQueues } from '../transitions/list-queues.ts'
import { pause, resume } from '../transitions/pause.ts'
import { retry } from '../transitions/retry.ts'
import { runNow } from '../transitions/run-now.ts'
import { type Runner, runner } from '../transitions/run.ts'
import { moveSelected, type StateChange } from './bulk.ts'
import { checkedMax } from './checked-max.ts'
import { checkedText } from './checked-text.ts'
import { type JobList, listJobs, type ListOptions } from './list.ts'
import { type Bulk, type BulkOptions, type JobFilter, type JobSelection, readSelection } from './selection.ts'

/** A job is being performed, so it cannot be discarded. */
export class JobClaimedError extends QueueError {
  override readonly name = 'JobClaimedError'
  readonly code = 'JOB_CLAIMED'

  constructor({ id, processId }: StoredJob) {
    super(`Job ${id} is being performed by invocation ${processId}. Cancel it instead, or wait for it to end.`)
  }
}

/** The actions of people, rather than ticks, on jobs and queues. They need no task's code. */
export class Operator {
  /** The driver of the connection. */
  readonly driver: Driver
  protected readonly runner: Runner
  readonly #wake: () => void

  /** @param wake called when jobs became ready, or may have: a key that a job gave up has room for the next */
  constructor(driver: Driver, wake: () => void) {
    this.driver = driver
    this.runner = runner(driver)
    this.#wake = wake
  }

  /** The job of that id as it is stored, its result as JSON text; null when there is none. */
  async findStored(id: string): Promise<StoredJob | null> {
    const [job] = await this.runner.run(find(this.driver.dialect, { ids: [uuidOf(id)] }))
    return job ?? null
  }

  /** Puts a failed job back to ready, with all its attempts. False: there is no failed job of that id. */
  async retry(id: string): Promise<boolean> {
    const { length } = await this.runner.run(retry(this.driver.dialect, { ids: [uuidOf(id)] }))
    if (length > 0) this.#wake()
    return length > 0
  }

  /**
   * Puts failed jobs back to ready, with all their attempts. One bounded batch a call: go on with `continuation`.
   *
   * @throws ConfigurationError listing what is wrong with the selection
   * @throws OutcomeUnknownError when the answer was lost: some may have been moved
   */
  async retryAll(selection: JobSelection = {}, options: BulkOptions = {}): Promise<Bulk> {
    return this.#moveAll('failed', selection, options, (dialect, ids) => retry(dialect, { ids }))
  }

  /** Moves a scheduled job to ready, whenever it is due. False: there is no scheduled job of that id. */
  async runNow(id: string): Promise<boolean> {
    const { length } = await this.runner.run(runNow(this.driver.dialect, { ids: [uuidOf(id)] }))
    if (length > 0) this.#wake()
    return length > 0
  }

  /** Moves scheduled jobs to ready, whenever they are due. One bounded batch a call, as `retryAll`. */
  async runAllNow(selection: JobSelection = {}, options: BulkOptions = {}): Promise<Bulk> {
    return this.#moveAll('scheduled', selection, options, (dialect, ids) => runNow(dialect, { ids }))
  }

  /**
   * Stops a job for good. A job that waits is finished at once, as cancelled. A job that is performed is asked to stop:
   * its `signal` is aborted within 10 s, and it does not run again, however it ends. Null: there is no such job, or it
   * has ended.
   */
  async cancel(id: string): Promise<Cancelled | null> {
    for (;;) {
      const done = await this.runner.run(cancel(this.driver.dialect, { ids: [uuidOf(id)], state: null }))
      const [how] = done.values()
      if (how) {
        this.#wake()
        return how
      }
      const job = await this.findStored(id)
      if (!job || job.state === 'finished' || job.state === 'failed') return null
      // The job moved from one state to another meanwhile.
    }
  }

  /** Stops jobs of one state for good. One bounded batch a call, as `retryAll`. */
  async cancelAll(
    { state, ...selection }: JobSelection & { state: CancellableState },
    options: BulkOptions = {},
  ): Promise<Bulk> {
    if (!['ready', 'scheduled', 'blocked', 'claimed'].includes(state))
      throw new ConfigurationError('cancelAll()', [`state: ${quote(state)}; use ready, scheduled, blocked or claimed`])
    return this.#moveAll(state, selection, options, (dialect, ids) => cancel(dialect, { ids, state }))
  }

  /**
   * Deletes a job that is ready, scheduled, blocked or failed. False: there is no such job, or it is finished.
   *
   * @throws JobClaimedError when it is being performed
   */
  async discard(id: string): Promise<boolean> {
    for (;;) {
      const { length } = await this.runner.run(discard(this.driver.dialect, { ids: [uuidOf(id)], state: null }))
      if (length > 0) {
        this.#wake()
        return true
      }
      const job = await this.findStored(id)
      if (job?.state === 'claimed') throw new JobClaimedError(job)
      if (!job || job.state === 'finished') return false
      // The job moved from one state to another meanwhile.
    }
  }

  /** Deletes jobs of one state. One bounded batch a call, as `retryAll`; a job that is claimed meanwhile stays. */
  async discardAll(
    { state, ...selection }: JobSelection & { state: UnclaimedState },
    options: BulkOptions = {},
  ): Promise<Bulk> {
    if (!['ready', 'scheduled', 'blocked', 'failed'].includes(state))
      throw new ConfigurationError('discardAll()', [`state: ${quote(state)}; use ready, scheduled, blocked or failed`])
    return this.#moveAll(state, selection, options, (dialect, ids) => discard(dialect, { ids, state }))
  }

  /** Deletes the ready jobs of a queue. One bounded batch a call, as `retryAll`. */
  async purge(queue: string, options: BulkOptions = {}): Promise<Bulk> {
    return this.discardAll({ state: 'ready', queue: nameOf(queue) }, options)
  }

  /**
   * Deletes jobs that finished, or failed, longer ago than `olderThan`. Ticks do it by themselves after
   * `clearFinishedJobsAfter` and `clearFailedJobsAfter`. One bounded batch a call: `more` says whether to go on.
   *
   * @param max 1 to 10,000; default 1,000
   * @param dryRun counts up to `max`, and deletes nothing
   * @throws ConfigurationError listing everything that is wrong
   */
  async clear(
    { state, olderThan }: { readonly state: EndedState; readonly olderThan: Duration },
    { max = 1000, dryRun = false }: { readonly max?: number; readonly dryRun?: boolean } = {},
  ): Promise<Count> {
    const olderThanMs = parseDuration(olderThan, 'olderThan')
    if (!['finished', 'failed'].includes(state))
      throw new ConfigurationError('clear()', [`state: ${quote(state)}; use finished or failed`])
    if (!Number.isInteger(max) || max < 1 || max > 10_000)
      throw new ConfigurationError('clear()', [`max: ${quote(max)}; use a whole number from 1 to 10000`])
    const { dialect } = this.driver
    if (dryRun) {
      const counted = await this.runner.run(countEnded(dialect, { state, olderThanMs, max }))
      return counted
    }
    const count = await this.runner.run(clear(dialect, { state, olderThanMs, max }))
    return { count, more: count === max }
  }

  /** Stops claims from a queue until it is resumed; claimed jobs go on. False: the queue was paused already. */
  async pause(queue: string): Promise<boolean> {
    const changed = await this.runner.run(pause(this.driver.dialect, { queue: nameOf(queue) }))
    return changed
  }

  /** Ends the pause of a queue. False: the queue was not paused. */
  async resume(queue: string): Promise<boolean> {
    const changed = await this.runner.run(resume(this.driver.dialect, { queue: nameOf(queue) }))
    if (changed) this.#wake()
    return changed
  }

  /** Lists the jobs of a state: page by page, without their results. */
  list(meant: JobFilter & { state: JobState }, options: ListOptions = {}): Promise<JobList> {
    return listJobs(this.runner, meant, options)
  }

  /** Counts the jobs of each state, up to 10,000, so the cost does not grow with their number. */
  async counts(): Promise<Readonly<Record<JobState, Count>>> {
    const counts = await this.runner.run(countJobs(this.driver.dialect, { max: 10_000 }))
    return counts
  }

  /**
   * Lists the queues that have ready jobs or are paused, by the bytes of their names. Counts up to 10,000 jobs of each,
   * and up to 100,000 of all: with more than ten queues, 100,000 divided by the number of queues of each.
   *
   * @param max 1 to 1,000; default 1,000
   * @param after go on behind this name; default: from the beginning
   */
  async queues({ max = 1000, after = '' }: { max?: number; after?: string } = {}): Promise<readonly ListedQueue[]> {
    const queues = await this.runner.run(
      listQueues(this.driver.dialect, {
        after: checkedText('queues()', 'after', after),
        queues: checkedMax('queues()', max),
        max: 10_000,
      }),
    )
    return queues
  }

  /** Lists the kinds of failures: failed jobs by their fingerprint, the most frequent first, a thousand kinds at most. */
  async failures(): Promise<readonly FailureKind[]> {
    const failures = await this.runner.run(listFailures(this.driver.dialect, { max: 10_000, kinds: 1000 }))
    return failures
  }

  /** Lists the invocations that hold jobs now, and their jobs: the longest running first, a thousand at most. */
  async invocations(): Promise<readonly ListedInvocation[]> {
    const invocations = await this.runner.run(listInvocations(this.driver.dialect, { max: 1000 }))
    return invocations
  }

  /**
   * Lists the concurrency keys that jobs hold or wait for, by their bytes; counts up to 10,000 jobs of each.
   *
   * @param max 1 to 1,000; default 1,000
   * @param after go on behind this key; default: from the beginning
   */
  async keys({ max = 1000, after = '' }: { max?: number; after?: string } = {}): Promise<readonly ListedKey[]> {
    const keys = await this.runner.run(
      listKeys(this.driver.dialect, {
        after: checkedText('keys()', 'after', after),
        max: checkedMax('keys()', max),
        counted: 10_000,
      }),
    )
    return keys
  }

  /** Lists the jobs that hold a key, as `keys()` gives it. @param max 1 to 1,000; default 50 */
  async holders(key: string, { max = 50 }: { max?: number } = {}): Promise<readonly Holder[]> {
    const holders = await this.runner.run(
      listHolders(this.driver.dialect, {
        key: checkedText('holders()', 'key', key),
        max: checkedMax('holders()', max),
      }),
    )
    return holders
  }

  /**
   * Looks for jobs that are not in exactly one state, for states of jobs that do not exist, and for permits that are
   * missing, left over, or free while a job waits. There are none, unless somebody changed the tables by hand, or a
   * limit was raised and `maintain` has not run yet. It reads every job. A hundred of each kind at most.
   */
  async findFaults(): Promise<readonly Fault[]> {
    return this.runner.run(findFaults(this.driver.dialect, { max: 100 }))
  }

  async #moveAll(state: JobState, selection: JobSelection, options: BulkOptions, change: StateChange): Promise<Bulk> {
    const selected = readSelection(state, selection, options)
    const bulk = await moveSelected(this.runner, selected, options.dryRun ? null : change)
    if (bulk.count > 0 && !options.dryRun) this.#wake()
    return bulk
  }
}

/** @throws ConfigurationError when `queue` is no name of a queue */
function nameOf(queue: string): string {
  const problem = queueNameProblem(queue, 'queue')
  if (problem) throw new ConfigurationError('The queue', [problem])
  return queue
}

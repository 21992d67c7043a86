import type { CancellableState, Cancelled, EndedState } from '../dialects/moves.ts'
import { ConfigurationError, QueueError } from '../errors.ts'
import type { Core } from '../core.ts'
import { findStored } from '../find-stored.ts'
import { type Duration, parseDuration } from '../job/duration.ts'
import { uuidOf } from '../job/job-id.ts'
import type { JobState } from '../job/job.ts'
import { quote } from '../job/quote.ts'
import { cancel } from '../transitions/cancel.ts'
import { clear, countEnded } from '../transitions/clear.ts'
import { type Count, countJobs } from '../transitions/count-jobs.ts'
import { discard, type DiscardableState } from '../transitions/discard.ts'
import { type Fault, findFaults } from '../transitions/find-faults.ts'
import type { StoredJob } from '../transitions/find.ts'
import { type FailureKind, listFailures } from '../transitions/list-failures.ts'
import { retry } from '../transitions/retry.ts'
import { runNow } from '../transitions/run-now.ts'
import { type Runner, runner } from '../transitions/run.ts'
import { batchMax, changeAll, isAborted, type StateChange } from './bulk.ts'
import { explainJob, type Explanation } from './explain.ts'
import { type ListedJob, listJobs } from './list.ts'
import { Listing, type PageOptions } from './listing.ts'
import { type Bulk, type BulkOptions, type JobFilter, type JobSelection, limitIssues } from './selection.ts'

/** A job is being performed, so it cannot be discarded. */
export class JobClaimedError extends QueueError {
  override readonly name = 'JobClaimedError'
  readonly code = 'JOB_CLAIMED'

  constructor({ id, invocationId }: StoredJob) {
    super(`Job ${id} is being performed by invocation ${invocationId}. Cancel it instead, or wait for it to end.`)
  }
}

/** The actions of people on jobs. They need no task's code. */
export class Jobs {
  readonly #core: Core
  readonly #runner: Runner

  constructor(core: Core) {
    this.#core = core
    this.#runner = runner(core.driver)
  }

  /** The job of that id as it is stored, its result as JSON text; null when there is none. */
  find(id: string): Promise<StoredJob | null> {
    return findStored(this.#runner, id)
  }

  /**
   * Explains a job's state, and, unless it has ended, why it does not run: in sentences, and in codes for programs.
   * Null: there is no such job.
   */
  async explain(id: string): Promise<Explanation | null> {
    return explainJob(this.#runner, this.#core.settings, uuidOf(id))
  }

  /** Puts a failed job back to ready, with all its attempts. False: there is no failed job of that id. */
  async retry(id: string): Promise<boolean> {
    const { length } = await this.#runner.run(retry(this.#core.driver.dialect, { ids: [uuidOf(id)] }))
    if (length > 0) this.#core.nudges.later()
    return length > 0
  }

  /**
   * Puts all selected failed jobs back to ready, with all their attempts: batch after batch of 1,000. A job that fails
   * anew meanwhile is left.
   *
   * @throws ConfigurationError listing what is wrong with the selection
   * @throws OutcomeUnknownError when the answer was lost: some jobs of a batch may have been moved
   */
  async retryAll(selection: JobSelection = {}, options: BulkOptions = {}): Promise<Bulk> {
    return this.#changeAll('failed', selection, options, (dialect, ids) => retry(dialect, { ids }))
  }

  /** Moves a scheduled job to ready, whenever it is due. False: there is no scheduled job of that id. */
  async runNow(id: string): Promise<boolean> {
    const { length } = await this.#runner.run(runNow(this.#core.driver.dialect, { ids: [uuidOf(id)] }))
    if (length > 0) this.#core.nudges.later()
    return length > 0
  }

  /** Moves all selected scheduled jobs to ready, whenever they are due. Batch after batch, as `retryAll`. */
  async runAllNow(selection: JobSelection = {}, options: BulkOptions = {}): Promise<Bulk> {
    return this.#changeAll('scheduled', selection, options, (dialect, ids) => runNow(dialect, { ids }))
  }

  /**
   * Stops a job for good. A job that waits is finished at once, as cancelled. A job that is performed is asked to stop:
   * its `signal` is aborted within 10 s, and it does not run again, however it ends. Null: there is no such job, or it
   * has ended.
   */
  async cancel(id: string): Promise<Cancelled | null> {
    for (;;) {
      const done = await this.#runner.run(cancel(this.#core.driver.dialect, { ids: [uuidOf(id)], state: null }))
      const [how] = done.values()
      if (how) {
        this.#core.nudges.later()
        return how
      }
      const job = await this.find(id)
      if (!job || job.state === 'finished' || job.state === 'failed') return null
      // The job moved from one state to another meanwhile.
    }
  }

  /** Stops all selected jobs of one state for good. Batch after batch, as `retryAll`. */
  async cancelAll(
    { state, ...selection }: JobSelection & { state: CancellableState },
    options: BulkOptions = {},
  ): Promise<Bulk> {
    if (!['ready', 'scheduled', 'blocked', 'claimed'].includes(state))
      throw new ConfigurationError('cancelAll()', [
        { path: 'state', message: `${quote(state)}; use ready, scheduled, blocked or claimed` },
      ])
    return this.#changeAll(state, selection, options, (dialect, ids) => cancel(dialect, { ids, state }))
  }

  /**
   * Deletes a job, with its payload and result, whatever its state, unless it is being performed. False: there is no
   * such job.
   *
   * @throws JobClaimedError when it is being performed
   */
  async discard(id: string): Promise<boolean> {
    for (;;) {
      const { length } = await this.#runner.run(discard(this.#core.driver.dialect, { ids: [uuidOf(id)], state: null }))
      if (length > 0) {
        this.#core.nudges.later()
        return true
      }
      const job = await this.find(id)
      if (job?.state === 'claimed') throw new JobClaimedError(job)
      if (!job) return false
      // The job moved from one state to another meanwhile.
    }
  }

  /** Deletes all selected jobs of one state. A job that is claimed meanwhile stays. Batch after batch, as `retryAll`. */
  async discardAll(
    { state, ...selection }: JobSelection & { state: DiscardableState },
    options: BulkOptions = {},
  ): Promise<Bulk> {
    if (!['ready', 'scheduled', 'blocked', 'failed', 'finished'].includes(state))
      throw new ConfigurationError('discardAll()', [
        { path: 'state', message: `${quote(state)}; use ready, scheduled, blocked, failed or finished` },
      ])
    return this.#changeAll(state, selection, options, (dialect, ids) => discard(dialect, { ids, state }))
  }

  /**
   * Deletes the jobs that finished, or failed, longer ago than `olderThan`: batch after batch. Ticks do it by
   * themselves after `clearFinishedJobsAfter` and `clearFailedJobsAfter`.
   *
   * @param limit the most jobs that are deleted. Default: no limit; with `dryRun`, 10,000
   * @param signal aborted: no further batch is begun
   * @param dryRun counts the jobs, and deletes none
   * @returns the number of deleted jobs, and whether more remain
   * @throws ConfigurationError listing everything that is wrong
   */
  async clear(
    { state, olderThan }: { readonly state: EndedState; readonly olderThan: Duration },
    { limit, signal, dryRun = false }: Pick<BulkOptions, 'limit' | 'signal' | 'dryRun'> = {},
  ): Promise<Count> {
    const olderThanMs = parseDuration(olderThan, 'olderThan')
    const issues = limitIssues(limit)
    if (!['finished', 'failed'].includes(state))
      issues.push({ path: 'state', message: `${quote(state)}; use finished or failed` })
    if (issues.length > 0) throw new ConfigurationError('clear()', issues)
    const { dialect } = this.#core.driver
    if (dryRun) {
      const counted = await this.#runner.run(countEnded(dialect, { state, olderThanMs, max: limit ?? 10_000 }))
      return counted
    }
    for (let count = 0; ;) {
      const max = Math.min(batchMax, (limit ?? Number.POSITIVE_INFINITY) - count)
      const deleted = await this.#runner.run(clear(dialect, { state, olderThanMs, max }))
      count += deleted
      if (deleted < max) return { count, more: false }
      if (count === limit || (await isAborted(signal))) return { count, more: true }
    }
  }

  /**
   * Lists the jobs of a state, without their results. Ready jobs come in the order in which a queue runs, scheduled jobs
   * as they come due, finished jobs from the last that ended, and failed jobs from the last that was enqueued. A filter
   * may leave fewer jobs than `limit` on a page although more remain.
   *
   * @param limit of a page, 1 to 1,000; default 50
   */
  list(
    { state, ...filter }: JobFilter & { readonly state: JobState },
    { limit = 50, after }: PageOptions = {},
  ): Listing<ListedJob> {
    return new Listing((from) => listJobs(this.#runner, { state, filter }, { limit, after: from }), after)
  }

  /** Counts the jobs of each state, up to 10,000, so the cost does not grow with their number. */
  async counts(): Promise<Readonly<Record<JobState, Count>>> {
    const counts = await this.#runner.run(countJobs(this.#core.driver.dialect, { max: 10_000 }))
    return counts
  }

  /** Lists the kinds of failures: failed jobs by their fingerprint, the most frequent first, a thousand kinds at most. */
  async failures(): Promise<readonly FailureKind[]> {
    const failures = await this.#runner.run(listFailures(this.#core.driver.dialect, { max: 10_000, kinds: 1000 }))
    return failures
  }

  /**
   * Looks for jobs that are not in exactly one state, for states of jobs that do not exist, and for permits that are
   * missing, left over, or free while a job waits. There are none, unless somebody changed the tables by hand, or a
   * limit was raised and `maintain` has not run yet. It reads every job. A hundred of each kind at most.
   */
  async faults(): Promise<readonly Fault[]> {
    return this.#runner.run(findFaults(this.#core.driver.dialect, { max: 100 }))
  }

  async #changeAll(state: JobState, selection: JobSelection, options: BulkOptions, change: StateChange): Promise<Bulk> {
    const bulk = await changeAll(this.#runner, { state, selection, options }, options.dryRun ? null : change)
    if (bulk.count > 0 && !options.dryRun) this.#core.nudges.later()
    return bulk
  }
}

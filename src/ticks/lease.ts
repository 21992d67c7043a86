import { newId } from '../job/job-id.ts'
import type { Problem } from '../recurrent-problem.ts'
import type { Worker } from '../settings.ts'
import { claim, type ClaimedJob } from '../transitions/claim.ts'
import { retireWithTombstone, type Heard, listen, renew, retire, writeProgress } from '../transitions/lease.ts'
import type { Runner } from '../transitions/run.ts'
import { combine, type Transition } from '../transitions/transition.ts'
import type { Core } from '../core.ts'
import { remainingMs } from './pass.ts'
import type { HeldJob } from './held-jobs.ts'
import { isRefused } from './refused.ts'
import { lastQueueOf, rotation } from './rotation.ts'
import type { InvocationOptions } from './work-options.ts'

/** The lease outlasts the deadline by this, for the last settlement. */
const marginMs = 30_000
/** The database is asked for cancelled jobs this often. */
const listenEveryMs = 10_000
/** Progress is written this often at most. */
const reportEveryMs = 1000

const notRenewed: Problem = {
  level: 'error',
  message: 'The lease could not be renewed; trying again at the next heartbeat',
  over: 'The lease is renewed again',
}

/**
 * The lease under which an invocation holds its claims: a row in `processes`. The row appears with the first claim that
 * takes a job. It goes with the last settlement, unless a try of the first claim may still arrive.
 */
export class Lease {
  readonly #core: Core
  readonly #worker: Worker
  readonly #run: Runner['run']
  readonly #options: InvocationOptions
  readonly #longestMs: number
  readonly #heartbeatMs: number
  #invocationId = newId()
  /** Whether the row exists. */
  #registered = false
  /** Whether a try of the first claim may still arrive. */
  #doubtful = false
  /** The number of the next claim. A claim whose answer was lost is sent again under its number. */
  #claim = 1
  /** When the lease was last renewed. */
  #renewedAt = 0
  /** When the database was last asked for cancelled jobs. */
  #listenedAt = 0
  /** When progress was last written. */
  #reportedAt = 0

  constructor(core: Core, worker: Worker, run: Runner['run'], options: InvocationOptions) {
    this.#core = core
    this.#worker = worker
    this.#run = run
    this.#options = options
    this.#longestMs = options.leaseMs ?? core.settings.processAliveThresholdMs
    this.#heartbeatMs = options.heartbeatMs ?? core.settings.heartbeatIntervalMs
  }

  get invocationId(): string {
    return this.#invocationId
  }

  /** How often `beat` must be called while jobs run, in ms. */
  get beatEveryMs(): number {
    return Math.min(this.#heartbeatMs, listenEveryMs)
  }

  /** How long from now progress is not to be written, in ms. */
  get reportsInMs(): number {
    return Math.max(0, this.#reportedAt + reportEveryMs - Date.now())
  }

  /** The next claim, of `max` jobs at most. */
  claim(max: number): Transition<readonly ClaimedJob[]> {
    return claim(this.#core.driver.dialect, {
      invocationId: this.#invocationId,
      claim: this.#claim,
      first: !this.#registered,
      worker: this.#worker.name,
      name: this.#options.name ?? this.#worker.name,
      leaseMs: this.#leaseMs(),
      maxInvocations: this.#worker.maxInvocations,
      max,
      patterns: this.#worker.patterns,
      after: rotation.get(this.#worker) ?? '',
    })
  }

  /**
   * Ends the row if the batch leaves it without a job. While a late try may arrive, the row stays, under no worker.
   * Null before there is a row.
   */
  retire(): Transition<unknown> | null {
    if (!this.#registered) return null
    return (this.#doubtful ? retireWithTombstone : retire)(this.#core.driver.dialect, {
      invocationId: this.#invocationId,
    })
  }

  /**
   * Notes the answer to a claim.
   *
   * @param max how many jobs the claim asked for
   * @param resent whether an earlier try of the claim's batch may have been committed, or may still arrive
   * @returns the jobs that the claim took, with the jobs of a late first try
   */
  async answered(
    claimed: readonly ClaimedJob[],
    { max, resent }: { max: number; resent: boolean },
  ): Promise<readonly ClaimedJob[]> {
    let jobs = claimed
    if (!this.#registered && resent) {
      this.#doubtful = true
      if (jobs.length === 0) jobs = await this.#claimLate(max)
    }
    this.#claim += 1
    if (jobs.length === 0) return jobs
    if (!this.#registered) this.#renewedAt = this.#listenedAt = Date.now()
    this.#registered = true
    rotation.set(this.#worker, lastQueueOf(jobs))
    return jobs
  }

  /** The jobs that a late first try claimed after its successor found none. Blocks any later try. */
  async #claimLate(max: number): Promise<readonly ClaimedJob[]> {
    const retired = retireWithTombstone(this.#core.driver.dialect, { invocationId: this.#invocationId })
    const { claimed } = await this.#run(combine({ retired, claimed: this.claim(max) }))
    return claimed
  }

  /** Starts over as a new process, which `maxInvocations` counts. Called when no job is held: the row has ended. */
  startOver(): void {
    if (!this.#registered && !this.#doubtful) return
    this.#doubtful = false
    this.#invocationId = newId()
    this.#registered = false
    this.#claim = 1
  }

  /**
   * Writes the progress of running jobs, at once and then each second at most; asks which jobs were cancelled, and renews
   * the lease if the deadline lies beyond it. Does nothing before one of these is due. A failure is logged, and a later beat tries again.
   *
   * @returns the ids of cancelled jobs; null when the lease is lost: another tick has settled the jobs
   */
  async beat(running: readonly HeldJob[]): Promise<Heard> {
    const sinceRenewed = Date.now() - this.#renewedAt
    const expires = remainingMs(this.#options) + marginMs > this.#longestMs - sinceRenewed
    const mustRenew = sinceRenewed >= this.#heartbeatMs && expires
    const mustListen = running.length > 0 && Date.now() - this.#listenedAt >= this.beatEveryMs
    const sent = running.flatMap((held) => (held.progress === null ? [] : [{ held, progress: held.progress }]))
    const mustReport = sent.length > 0 && this.reportsInMs === 0
    if (!this.#registered || !(mustRenew || mustListen || mustReport)) return []
    const { dialect } = this.#core.driver
    const invocationId = this.#invocationId
    const forget = () => {
      for (const { held, progress } of sent) if (held.progress === progress) held.progress = null
    }
    this.#listenedAt = Date.now()
    if (mustRenew) this.#renewedAt = this.#listenedAt
    if (sent.length > 0) this.#reportedAt = this.#listenedAt
    try {
      const reports = sent.map(({ held, progress }) => ({ id: held.job.id, progress }))
      const { heard } = await this.#run(
        combine({
          reported: reports.length === 0 ? null : writeProgress(dialect, { invocationId, reports }),
          renewed: mustRenew ? renew(dialect, { invocationId, leaseMs: this.#leaseMs() }) : null,
          heard: listen(dialect, { invocationId }),
        }),
      )
      this.#core.emitter.recurrent(notRenewed).ended(this.#worker.name)
      forget()
      return heard
    } catch (error) {
      // Progress may be larger than the database takes. It must not cost the lease.
      if (isRefused(error)) forget()
      this.#core.emitter.recurrent(notRenewed).came(this.#worker.name, { worker: this.#worker.name, error })
      return []
    }
  }

  #leaseMs(): number {
    return Math.max(1000, Math.round(Math.min(this.#longestMs, remainingMs(this.#options) + marginMs)))
  }
}

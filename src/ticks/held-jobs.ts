import type { DatabaseError } from '../dialects/driver.ts'
import type { ClaimedJob } from '../transitions/claim.ts'
import type { Settled } from '../transitions/settle.ts'
import type { Core } from '../core.ts'
import { type Ended, endCancelled, endCrashed, endPerformed, endStopped, lighten } from './ending.ts'
import { InvocationEndingError, JobCancelledError, ProcessCrashedError } from '../job/performing-errors.ts'
import { perform } from './perform.ts'
import { nothingWorked, type Worked } from './worked.ts'

/** A job that had this share of its invocation's time: the next invocation will give it little more. */
const wholeShare = 3 / 4

const stopMessages = {
  deadline: 'The deadline of this invocation is near.',
  signal: 'This invocation was told to stop.',
  lost: 'The lease of this invocation was lost: its jobs are no longer its own.',
  failed: 'The database failed: what this invocation does cannot be settled.',
}

/** Why handlers are told to stop. */
export type StopReason = keyof typeof stopMessages | ProcessCrashedError

/** A job from its claim to its settlement. */
export interface HeldJob {
  readonly job: ClaimedJob
  readonly invocationId: string
  readonly startedAt: number
  /** Aborted: the handler is told to stop. */
  readonly stop: AbortController
  /** Null while the job runs. */
  ended: Ended | null
  /** The progress that the handler reported and no batch has written, as JSON; null: none. */
  progress: string | null
}

type EndedJob = HeldJob & { ended: Ended }

/** The endings that one batch settles. */
export interface Endings {
  readonly jobs: readonly EndedJob[]
  /** Whether this is one ending of a bulk that the database refused. Its batch then does nothing else. */
  readonly single: boolean
}

/** The jobs that an invocation holds. */
export class HeldJobs {
  readonly worked: Worked = nothingWorked()

  readonly #core: Core
  readonly #beganAt: number
  /** The deadline; `Infinity` without one. */
  readonly #endsAt: number
  readonly #onEnd: () => void
  readonly #onReport: () => void
  readonly #held = new Map<string, HeldJob>()
  /** Jobs that ended and are not settled, in the order in which they are settled. */
  #ended: EndedJob[] = []
  /** This many of the next endings are settled one by one, since the database refused them in bulk. */
  #oneByOne = 0
  /** The first reason for which handlers were told to stop; null before. */
  #stoppedBy: StopReason | null = null

  /**
   * @param beganAt when the platform's invocation began, in ms of this machine's clock
   * @param deadline when the platform ends it; undefined: never
   * @param onEnd called when a job ends
   * @param onReport called when a handler reports progress while no other report waits to be written
   */
  constructor(
    core: Core,
    {
      beganAt,
      deadline,
      onEnd,
      onReport,
    }: { beganAt: number; deadline: Date | undefined; onEnd: () => void; onReport: () => void },
  ) {
    this.#core = core
    this.#beganAt = beganAt
    this.#endsAt = deadline?.getTime() ?? Number.POSITIVE_INFINITY
    this.#onEnd = onEnd
    this.#onReport = onReport
  }

  /** How many jobs are held, running or ended. */
  get size(): number {
    return this.#held.size
  }

  get running(): readonly HeldJob[] {
    return [...this.#held.values()].filter(({ ended }) => !ended)
  }

  /** Whether endings wait to be settled. */
  get hasEndings(): boolean {
    return this.#ended.length > 0
  }

  /** Whether progress of running jobs waits to be written. */
  get hasReports(): boolean {
    return this.running.some(({ progress }) => progress !== null)
  }

  /** Whether handlers were told to stop. */
  get stopped(): boolean {
    return this.#stoppedBy !== null
  }

  /**
   * Performs a claimed job, or releases it if its timeout does not fit into the time that is left.
   *
   * @returns whether the job is performed
   */
  start(job: ClaimedJob, invocationId: string): boolean {
    const startedAt = Date.now()
    const held: HeldJob = { job, invocationId, startedAt, stop: new AbortController(), ended: null, progress: null }
    this.#held.set(job.id, held)
    this.worked.claimed += 1
    const timeoutMs = this.#core.tasks.get(job.task)?.timeoutMs ?? 0
    if (this.stopped || timeoutMs > this.#endsAt - Date.now()) {
      const wholeMs = this.stopped ? null : this.#wholeMs(held)
      this.#end(held, endStopped(job, null, { wholeMs, started: false }))
      return false
    }
    this.#core.emitter.emit('job.started', {
      ...about(held),
      waitedMs: Math.max(0, Date.now() - job.scheduledAt.getTime()),
    })
    void perform(this.#core, job, {
      stop: held.stop,
      report: (progress) => {
        // A handler may go on after its job has ended.
        if (held.ended || this.#held.get(job.id) !== held) return
        const isFirst = !this.hasReports
        held.progress = progress
        if (isFirst) this.#onReport()
      },
    }).then((performed) =>
      performed === 'stopped' ? this.#release(held) : this.#end(held, endPerformed(job, held.progress, performed)),
    )
    return true
  }

  /** Ends a job that a person cancelled, and tells its handler to stop. */
  cancel(id: string): void {
    const held = this.#held.get(id)
    if (!held || held.ended) return
    held.stop.abort(new JobCancelledError(id))
    this.#end(held, endCancelled(held.job, held.progress))
  }

  /** Tells the handlers to stop. No job is performed from now on. */
  stop(reason: StopReason): void {
    this.#stoppedBy ??= reason
    const error = new InvocationEndingError(typeof reason === 'string' ? stopMessages[reason] : stopMessages.signal)
    for (const { stop, ended } of this.#held.values()) if (!ended) stop.abort(error)
  }

  /** Releases the running jobs, whatever their handlers do. */
  releaseAll(): void {
    for (const held of this.running) this.#release(held)
  }

  /** Gives up all jobs: another tick has settled them, so no write of this invocation takes effect. */
  lose(): void {
    this.worked.stale += this.#held.size
    for (const held of this.#held.values()) this.#core.emitter.emit('job.stale', about(held))
    this.stop('lost')
    this.#held.clear()
    this.#ended = []
  }

  /** Takes the endings for the next batch: all, or one where the database has refused them in bulk. */
  takeEndings(): Endings {
    const single = this.#oneByOne > 0
    return { single, jobs: this.#ended.splice(0, single ? 1 : this.#ended.length) }
  }

  /** Puts back the endings of a batch that failed, ahead of later endings. */
  putBack({ jobs }: Endings): void {
    this.#ended.unshift(...jobs)
  }

  /**
   * Puts back the endings of a batch that the database refused. A bulk is settled one by one from now on. A single
   * ending goes without its progress, then without its result: they may be larger than the database takes.
   * `inBulkOrOneByOne` does not fit here: the lease is renewed between the single endings, and each is tried more than
   * once.
   *
   * @returns false when nothing is left to try: then nothing is put back
   */
  putBackRefused(endings: Endings, cause: DatabaseError): boolean {
    const [first] = endings.jobs
    if (!first) return false
    if (endings.single) {
      const lighter = lighten(first.job, first.ended, cause)
      if (!lighter) return false
      first.ended = lighter
    } else this.#oneByOne = endings.jobs.length
    this.putBack(endings)
    return true
  }

  /** Lets go of jobs whose endings were settled. Counts each job, and tells the hooks of it. */
  settled({ jobs, single }: Endings, settled: ReadonlyMap<string, Settled>): void {
    if (single) this.#oneByOne -= 1
    for (const held of jobs) {
      this.#held.delete(held.job.id)
      this.#tell(held, settled.get(held.job.id))
    }
  }

  #tell(held: EndedJob, how: Settled | undefined): void {
    const { emitter } = this.#core
    const { ending, error } = held.ended
    const event = { ...about(held), durationMs: Date.now() - held.startedAt }
    const kind = how === 'stale' || how === 'cancelled' ? how : ending.kind
    this.worked[kind] += 1
    if (kind === 'stale') emitter.emit('job.stale', event)
    else if (kind === 'cancelled') emitter.emit('job.cancelled', event)
    else if (kind === 'succeeded') emitter.emit('job.succeeded', event)
    else if (kind === 'released') emitter.emit('job.released', event)
    else if (error && kind === 'failed') emitter.emit('job.failed', { ...event, error })
    else if (error) emitter.emit('job.retried', { ...event, error, delayMs: ending.delayMs })
  }

  #release(held: HeldJob): void {
    if (this.#stoppedBy instanceof ProcessCrashedError)
      return this.#end(held, endCrashed(held.job, held.progress, this.#stoppedBy))
    const wholeMs = this.#stoppedBy === 'deadline' ? this.#wholeMs(held) : null
    this.#end(held, endStopped(held.job, held.progress, { wholeMs, started: true }))
  }

  /** The time from the job's start to the deadline, if that is about all that an invocation has; null if it is less. */
  #wholeMs({ startedAt }: HeldJob): number | null {
    const hasMs = this.#endsAt - startedAt
    return hasMs >= wholeShare * (this.#endsAt - this.#beganAt) ? hasMs : null
  }

  /** Notes how a job ended. Only its first ending counts, and none after the lease was lost. */
  #end(held: HeldJob, ended: Ended): void {
    if (held.ended || this.#held.get(held.job.id) !== held) return
    this.#ended.push(Object.assign(held, { ended }))
    this.#onEnd()
  }
}

const about = ({ job: { id, task: taskName, queue: queueName, attempts }, invocationId }: HeldJob) => ({
  id,
  task: taskName,
  queue: queueName,
  attempt: attempts + 1,
  invocationId,
})

import { startTimer } from '../job/timer.ts'
import type { Problem } from '../recurrent-problem.ts'
import type { Worker } from '../settings.ts'
import type { ClaimedJob } from '../transitions/claim.ts'
import { noteEveryMs, noteTick } from '../transitions/record-tick.ts'
import type { Runner } from '../transitions/run.ts'
import { settle, type Settled } from '../transitions/settle.ts'
import { combine, resent, type Transition } from '../transitions/transition.ts'
import type { Core } from '../core.ts'
import { remainingMs } from './pass.ts'
import { type Endings, HeldJobs, type StopReason } from './held-jobs.ts'
import { Lease } from './lease.ts'
import { isRefused } from './refused.ts'
import { watch } from './stopping.ts'
import type { InvocationOptions } from './work-options.ts'
import type { Worked } from './worked.ts'

const notAnswered: Problem = {
  level: 'error',
  message: 'The database failed; trying again each second',
  over: 'The database answers again',
}

/** One run of a work tick: it claims jobs under a lease, performs them, and settles each. */
export class Invocation {
  /** Work remains that this invocation has no time for. */
  more = false

  readonly #core: Core
  readonly #worker: Worker
  readonly #run: Runner['run']
  readonly #options: InvocationOptions
  readonly #lease: Lease
  readonly #jobs: HeldJobs
  /** Whether the invocation claims no more. */
  #closing = false
  /** Whether the invocation's time is over: an ending that cannot be settled now is left to the lease. */
  #gaveUp = false
  /** When the tick was last noted. */
  #notedAt = 0
  /** Ends the sleep, if any. */
  #wake = () => {}

  /** @param began when the platform's invocation began, in ms of this machine's clock */
  constructor(core: Core, worker: Worker, run: Runner['run'], options: InvocationOptions, began: number) {
    this.#core = core
    this.#worker = worker
    this.#run = run
    this.#options = options
    this.#lease = new Lease(core, worker, run, options)
    this.#jobs = new HeldJobs(core, {
      beganAt: began,
      deadline: options.deadline,
      onEnd: () => this.#wake(),
      onReport: () => this.#wake(),
    })
  }

  get worked(): Worked {
    return this.#jobs.worked
  }

  async work(): Promise<void> {
    const unwatch = watch(this.#options, this.#core.settings.shutdownGraceMs, {
      close: (by) => this.#close(by),
      releaseAll: () => this.#releaseAll(),
    })
    const stopListening = this.#core.nudges.listen(() => this.#wake())
    try {
      for (;;) {
        const found = await this.#exchange()
        const cancelled = await this.#lease.beat(this.#jobs.running)
        if (cancelled === null) return this.#jobs.lose()
        for (const id of cancelled) this.#jobs.cancel(id)
        if (this.#jobs.size > 0) await this.#sleep(this.#patienceMs())
        else if (this.#closing || !this.#options.linger) return
        else if (!found) await this.#sleep(this.#worker.pollIntervalMs)
      }
    } finally {
      unwatch()
      stopListening()
    }
  }

  /** Settles the jobs that ended and claims into the free slots, in one batch. Returns whether a job was claimed. */
  async #exchange(): Promise<boolean> {
    const endings = this.#jobs.takeEndings()
    const settles = endings.jobs.length > 0
    const free = this.#worker.concurrency - (this.#jobs.size - endings.jobs.length)
    const max = this.#closing || endings.single ? 0 : free
    const claims = max > 0
    if (!settles && (!claims || (this.#jobs.size > 0 && !this.#options.linger))) return false
    const batch = combine({
      settled: settles ? this.#settlementOf(endings) : null,
      claimed: claims ? this.#lease.claim(max) : null,
      retired: this.#lease.retire(),
      noted: claims ? this.#note() : null,
      again: resent,
    })
    try {
      const { settled, claimed, again } = await this.#run(batch)
      this.#core.emitter.recurrent(notAnswered).ended(this.#worker.name)
      this.#options.onAnswer?.()
      this.#jobs.settled(endings, settled ?? new Map())
      const jobs = claimed ? await this.#lease.answered(claimed, { max, resent: again }) : []
      for (const job of jobs) this.#start(job)
      if (this.#jobs.size === 0) this.#lease.startOver()
      return jobs.length > 0
    } catch (error) {
      await this.#failed(endings, error)
      return false
    }
  }

  /** Keeps the endings of a failed batch for a later one. @throws the error when no later batch can settle them */
  async #failed(endings: Endings, error: unknown): Promise<void> {
    const refused = isRefused(error)
    if (refused && this.#jobs.putBackRefused(endings, error)) return
    // The database refuses the same batch again, and an invocation without jobs has nothing to lose.
    if (refused || this.#jobs.size === 0 || this.#gaveUp || remainingMs(this.#options) < 0) {
      this.#jobs.stop('failed')
      throw error
    }
    // The claim keeps its number until it is answered, so no job is claimed twice.
    this.#jobs.putBack(endings)
    this.#core.emitter.recurrent(notAnswered).came(this.#worker.name, { worker: this.#worker.name, error })
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }

  #settlementOf({ jobs }: Endings): Transition<ReadonlyMap<string, Settled>> {
    return settle(this.#core.driver.dialect, {
      invocationId: this.#lease.invocationId,
      endings: jobs.map(({ ended }) => ended.ending),
      keys: jobs.flatMap(({ job: { id, concurrency } }) => (concurrency ? [{ ...concurrency, jobId: id }] : [])),
    })
  }

  /** Notes that the worker is at work, whether it finds a job or not. Null when it was noted lately. */
  #note(): Transition<void> | null {
    if (Date.now() - this.#notedAt < noteEveryMs) return null
    this.#notedAt = Date.now()
    return noteTick(this.#core.driver.dialect, { actor: `work:${this.#worker.name}` })
  }

  #start(job: ClaimedJob): void {
    if (this.#jobs.start(job, this.#lease.invocationId)) return
    // The job is released, and the next claim would take it again.
    this.#closing = true
    this.more = true
  }

  /**
   * How long to sleep while jobs are held: until the next beat, until progress may be written, or until the next look
   * for new work.
   */
  #patienceMs(): number {
    const polls = this.#options.linger && !this.#closing && this.#jobs.size < this.#worker.concurrency
    return Math.min(
      this.#lease.beatEveryMs,
      this.#jobs.hasReports ? this.#lease.reportsInMs : Number.POSITIVE_INFINITY,
      polls ? this.#worker.pollIntervalMs : Number.POSITIVE_INFINITY,
    )
  }

  /** Sleeps until a job ends, a handler reports progress, the invocation closes, a nudge comes, or `ms` have passed. */
  async #sleep(ms: number): Promise<void> {
    if (!this.#jobs.hasEndings)
      await new Promise<void>((resolve) => {
        const stop = startTimer(ms, resolve)
        this.#wake = () => {
          stop()
          resolve()
        }
      })
    this.#wake = () => {}
    // Jobs that end in the same turn of the event loop are settled in one batch, with the progress they reported.
    if (this.#jobs.hasEndings || this.#jobs.hasReports) await yieldToOthers()
  }

  /** Claims no more, and tells the handlers to stop. */
  #close(by: StopReason): void {
    if (this.#jobs.stopped) return
    this.#closing = true
    this.more = true
    this.#jobs.stop(by)
    this.#wake()
  }

  #releaseAll(): void {
    this.#gaveUp = true
    this.#jobs.releaseAll()
    this.#wake()
  }
}

const yieldToOthers = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })

import { DatabaseError } from '../dialects/driver.ts'
import type { Ending } from '../dialects/moves.ts'
import { QueueError } from '../errors.ts'
import { formatDuration } from '../job/duration.ts'
import { newId } from '../job/job-id.ts'
import { describeError, type JobErrorData } from '../job/job-error.ts'
import type { Worker } from '../settings.ts'
import { claim, type ClaimedJob } from '../transitions/claim.ts'
import { renew, retire } from '../transitions/lease.ts'
import type { Runner } from '../transitions/run.ts'
import { settle, type Settled } from '../transitions/settle.ts'
import type { Transition } from '../transitions/transition.ts'
import { type Core, remainingMs } from './core.ts'
import { FinalError, InvocationEndingError, perform, type Performed } from './perform.ts'
import type { WorkOptions, Worked } from './work.ts'

/** A job was cut off three times after a whole invocation: it needs more time than an invocation has. */
export class JobTooLongError extends QueueError {
  override readonly name = 'JobTooLongError'
  readonly code = 'JOB_TOO_LONG'

  constructor(hadMs: number) {
    super(
      `The job did not end within an invocation, three times; the last one gave it ${formatDuration(hadMs)}. ` +
        'Split it into smaller jobs, or perform it where invocations last longer.',
    )
  }
}

/** A lease outlasts its deadline by this, for the last settlement. */
const leaseMarginMs = 30_000
/** Progress is written this often at most. */
const progressIntervalMs = 10_000
/** After this many whole invocations, a job is too long. */
const maxReleases = 3
/** The settlement and release before the deadline need some of the grace. */
const releaseReserveMs = 1000

interface Held {
  readonly job: ClaimedJob
  readonly startedAt: number
  /** How it ended; null while it runs. */
  ended: Ending | null
  error: JobErrorData | null
  progress: string | null
}

/**
 * One run of a work tick: it holds claims under a lease, and ends each of them. Its row in `processes` appears with its
 * first claim, and goes with its last settlement.
 */
export class Invocation {
  readonly worked: Worked = { claimed: 0, succeeded: 0, retried: 0, failed: 0, released: 0, stale: 0 }
  /** Work remains that this invocation has no time for. */
  more = false

  readonly #core: Core
  readonly #worker: Worker
  readonly #run: Runner['run']
  readonly #options: WorkOptions
  readonly #held = new Map<string, Held>()
  readonly #ending = new AbortController()
  readonly #startedAt = Date.now()
  #processId = newId()
  /** Whether the invocation has a process row. */
  #registered = false
  /** Which claim comes next. A claim whose answer is missing is made again under its number. */
  #claim = 1
  #endings: Held[] = []
  /** As many of the next endings are settled one by one, since together the database refused them. */
  #singly = 0
  #closing = false
  #cutByDeadline = false
  /** Told to stop, by a signal: that no job was too long for. */
  #told = false
  #lost = false
  #beatAt = 0
  #wake = () => {}

  constructor(core: Core, worker: Worker, run: Runner['run'], options: WorkOptions) {
    this.#core = core
    this.#worker = worker
    this.#run = run
    this.#options = options
  }

  async work(): Promise<void> {
    const stops = this.#watch()
    try {
      for (;;) {
        const found = await this.#exchange()
        await this.#beat()
        if (this.#lost) return
        if (this.#held.size > 0) await this.#sleep(this.#patience())
        else if (this.#closing || !this.#options.linger) return
        else if (!found) await this.#sleep(this.#worker.pollIntervalMs)
      }
    } finally {
      for (const stop of stops) stop()
    }
  }

  /** Settles what ended and claims into the free slots, in one batch. Returns whether anything was claimed. */
  async #exchange(): Promise<boolean> {
    const { dialect } = this.#core.driver
    const alone = this.#singly > 0
    const endings = this.#endings.splice(0, alone ? 1 : this.#endings.length)
    const free = this.#worker.concurrency - (this.#held.size - endings.length)
    const max = this.#closing || alone ? 0 : free
    if (endings.length === 0 && (max === 0 || (this.#held.size > 0 && !this.#options.linger))) return false
    const claims: Transition<readonly ClaimedJob[]>[] =
      max === 0
        ? []
        : [
            claim(dialect, {
              processId: this.#processId,
              claim: this.#claim,
              first: !this.#registered,
              worker: this.#worker.name,
              name: this.#options.name ?? this.#worker.name,
              leaseMs: this.#leaseMs(),
              maxInvocations: this.#worker.maxInvocations,
              max,
              patterns: this.#worker.patterns,
            }),
          ]
    const settles =
      endings.length === 0
        ? []
        : [settle(dialect, { processId: this.#processId, endings: endings.map(({ ended }) => ended as Ending) })]
    const retires = this.#registered ? [retire(dialect, { processId: this.#processId })] : []
    try {
      const readings = await this.#run(...settles, ...claims, ...retires)
      if (alone) this.#singly -= 1
      if (settles.length > 0) this.#settled(endings, readings[0] as ReadonlyMap<string, Settled>)
      const claimed = claims.length > 0 ? (readings[settles.length] as readonly ClaimedJob[]) : []
      if (claims.length > 0) this.#claim += 1
      if (claimed.length > 0) {
        if (!this.#registered) this.#beatAt = Date.now()
        this.#registered = true
      }
      for (const job of claimed) this.#start(job)
      if (this.#held.size === 0 && this.#registered) this.#renewIdentity()
      return claimed.length > 0
    } catch (error) {
      // What the database refuses, it will refuse again; and without jobs in hand there is nothing to lose. Else their
      // settlement is tried again for as long as the invocation lasts; until then the claim keeps its number, so that
      // nothing is claimed twice.
      const refused = error instanceof DatabaseError && error.failure === 'other'
      if (refused && this.#singleOut(endings, alone, error)) return false
      if (refused || this.#held.size === 0 || remainingMs(this.#options) < 0) {
        this.#ending.abort(
          new InvocationEndingError('The database failed: what this invocation does cannot be settled.'),
        )
        throw error
      }
      this.#endings.unshift(...endings)
      this.#core.emitter.log('error', 'The database failed; trying again in a second', { error })
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return false
    }
  }

  /**
   * Refused together, endings are settled one by one; refused alone, one goes without what its job made, which may be
   * more than the database takes. Returns whether there is anything left to try.
   */
  #singleOut(endings: readonly Held[], alone: boolean, cause: DatabaseError): boolean {
    const [held] = endings
    if (!held?.ended) return false
    if (!alone) this.#singly = endings.length
    else if (held.ended.progress !== null) held.ended = { ...held.ended, progress: null }
    else if (held.ended.result !== null) {
      held.error = describeError(new FinalError('The job succeeded, but the database refused its result.', { cause }))
      held.ended = { ...held.ended, kind: 'failed', result: null, resultMeta: null, error: this.#errorText(held) }
    } else return false
    this.#endings.unshift(...endings)
    return true
  }

  /** The row is gone: what comes next is another invocation, which `maxInvocations` counts anew. */
  #renewIdentity(): void {
    this.#processId = newId()
    this.#registered = false
    this.#claim = 1
  }

  #start(job: ClaimedJob): void {
    const held: Held = { job, startedAt: Date.now(), ended: null, error: null, progress: null }
    this.#held.set(job.id, held)
    this.worked.claimed += 1
    const timeoutMs = this.#core.tasks.get(job.taskName)?.timeoutMs ?? 0
    if (this.#closing || timeoutMs > remainingMs(this.#options)) {
      // It goes back at once, so nothing more is claimed: this invocation would get the same job again.
      this.#closing = true
      this.more = true
      this.#end(held, 'stopped', { started: false })
      return
    }
    const processId = this.#processId
    this.#core.emitter.emit('job.started', {
      ...this.#about(job, processId),
      waitedMs: Math.max(0, Date.now() - job.scheduledAt.getTime()),
    })
    void perform(this.#core, job, {
      ending: this.#ending.signal,
      report: (progress) => {
        held.progress = progress
      },
    }).then((performed) => this.#end(held, performed, { started: true }))
  }

  /** Notes how a performing ended. What ends after it was released, or after the lease was lost, changes nothing. */
  #end({ job, ...rest }: Held, performed: Performed, { started }: { started: boolean }): void {
    const held = this.#held.get(job.id)
    if (!held || held.ended || held.startedAt !== rest.startedAt) return
    const common = { id: job.id, claim: job.claim, progress: held.progress }
    if (performed === 'stopped') {
      // Claimed by the first claim, it had all the time an invocation has: the next one will be no longer.
      const whole = job.claim === 1 && (this.#cutByDeadline || !started) && !this.#told
      const tooLong = whole && job.releases + 1 >= maxReleases
      held.error = tooLong ? describeError(new JobTooLongError(Date.now() - this.#startedAt)) : null
      held.ended = {
        ...common,
        kind: tooLong ? 'failed' : 'released',
        result: null,
        resultMeta: null,
        error: this.#errorText(held),
        delayMs: 0,
        spent: whole && started,
        whole,
      }
    } else {
      held.error = performed.error
      held.ended = { ...common, ...performed, error: this.#errorText(held), spent: true, whole: false }
    }
    this.#endings.push(held)
    this.#wake()
  }

  #errorText({ error, job }: Held): string | null {
    return error && JSON.stringify({ ...error, attempt: job.attempts + 1 })
  }

  /** Counts and tells what took effect. */
  #settled(endings: readonly Held[], settled: ReadonlyMap<string, Settled>): void {
    for (const { job, startedAt, ended, error } of endings) {
      this.#held.delete(job.id)
      if (!ended) continue
      const event = { ...this.#about(job, this.#processId), durationMs: Date.now() - startedAt }
      if (settled.get(job.id) === 'stale') {
        this.worked.stale += 1
        this.#core.emitter.emit('job.stale', event)
        continue
      }
      this.worked[ended.kind] += 1
      if (ended.kind === 'succeeded') this.#core.emitter.emit('job.finished', event)
      else if (ended.kind === 'released') this.#core.emitter.emit('job.released', event)
      else if (error && ended.kind === 'failed') this.#core.emitter.emit('job.failed', { ...event, error })
      else if (error) this.#core.emitter.emit('job.retried', { ...event, error, delayMs: ended.delayMs })
    }
  }

  #about({ id, taskName, queueName, attempts }: ClaimedJob, processId: string) {
    return { id, taskName, queueName, attempt: attempts + 1, processId }
  }

  /** Renews the lease where the deadline lies beyond it, and writes progress. */
  async #beat(): Promise<void> {
    const { heartbeatMs = this.#core.settings.heartbeatIntervalMs, leaseMs } = this.#options
    const since = Date.now() - this.#beatAt
    const reports = [...this.#held.values()].filter((held) => held.progress !== null && !held.ended)
    const leaseEnds = leaseMs ?? this.#core.settings.processAliveThresholdMs
    const needed = since >= heartbeatMs && remainingMs(this.#options) + leaseMarginMs > leaseEnds - since
    if (!this.#registered || !(needed || (reports.length > 0 && since >= Math.min(progressIntervalMs, heartbeatMs))))
      return
    this.#beatAt = Date.now()
    const sent = reports.map((held) => ({ held, progress: held.progress as string }))
    const forget = () => {
      for (const { held, progress } of sent) if (held.progress === progress) held.progress = null
    }
    try {
      const [alive] = await this.#run(
        renew(this.#core.driver.dialect, {
          processId: this.#processId,
          leaseMs: this.#leaseMs(),
          reports: sent.map(({ held, progress }) => ({ id: held.job.id, progress })),
        }),
      )
      forget()
      if (!alive) this.#loseLease()
    } catch (error) {
      // Progress that the database refuses, being too large perhaps, must not cost the lease.
      if (error instanceof DatabaseError && error.failure === 'other') forget()
      this.#core.emitter.log('error', 'The lease could not be renewed; trying again at the next heartbeat', { error })
    }
  }

  /** Another tick has settled our jobs: whatever we would write has no effect. */
  #loseLease(): void {
    this.#lost = true
    this.worked.stale += this.#held.size
    for (const { job } of this.#held.values()) this.#core.emitter.emit('job.stale', this.#about(job, this.#processId))
    this.#held.clear()
    this.#endings = []
    this.#ending.abort(
      new InvocationEndingError('The lease of this invocation was lost: its jobs are no longer its own.'),
    )
  }

  #leaseMs(): number {
    const longest = this.#options.leaseMs ?? this.#core.settings.processAliveThresholdMs
    return Math.max(1000, Math.round(Math.min(longest, remainingMs(this.#options) + leaseMarginMs)))
  }

  /** How long to wait for a performing to end before looking up: for the lease, progress, or new work. */
  #patience(): number {
    const heartbeat = this.#options.heartbeatMs ?? this.#core.settings.heartbeatIntervalMs
    const polls = this.#options.linger && !this.#closing && this.#held.size < this.#worker.concurrency
    return Math.min(heartbeat, progressIntervalMs, polls ? this.#worker.pollIntervalMs : progressIntervalMs)
  }

  /** Until a performing ends, the invocation closes, or `ms` have passed. */
  async #sleep(ms: number): Promise<void> {
    if (this.#endings.length === 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#wake = () => {}
    // Performings that end together are settled together.
    if (this.#endings.length > 0) await yieldToOthers()
  }

  /** Claims nothing more; tells the handlers to stop. */
  #close(byDeadline: boolean): void {
    if (this.#ending.signal.aborted) return
    this.#closing = true
    this.#cutByDeadline = byDeadline
    this.#told = !byDeadline
    this.more = true
    this.#ending.abort(
      new InvocationEndingError(
        byDeadline ? 'The deadline of this invocation is near.' : 'This invocation was told to stop.',
      ),
    )
    this.#wake()
  }

  #releaseAll(): void {
    for (const held of this.#held.values()) this.#end(held, 'stopped', { started: true })
    this.#wake()
  }

  /** Closes at the deadline's grace or when told to; releases what has not ended by its end. Returns what stops watching. */
  #watch(): (() => void)[] {
    const { signal, immediate, onNudge } = this.#options
    const { shutdownGraceMs } = this.#core.settings
    const stops: (() => void)[] = []
    const later = (ms: number, act: () => void) => {
      const timer = setTimeout(act, Math.max(0, Math.min(ms, 2 ** 31 - 1)))
      stops.push(() => clearTimeout(timer))
    }
    const when = (aborted: AbortSignal | undefined, act: () => void) => {
      if (!aborted) return
      if (aborted.aborted) act()
      aborted.addEventListener('abort', act)
      stops.push(() => aborted.removeEventListener('abort', act))
    }
    const remaining = remainingMs(this.#options)
    if (Number.isFinite(remaining)) {
      // A short deadline leaves half of it to the handlers.
      const grace = Math.min(shutdownGraceMs, remaining / 2)
      later(remaining - grace, () => this.#close(true))
      later(remaining - Math.min(releaseReserveMs, grace / 2), () => this.#releaseAll())
    }
    when(signal, () => {
      this.#close(false)
      later(shutdownGraceMs, () => this.#releaseAll())
    })
    when(immediate, () => {
      this.#close(false)
      this.#releaseAll()
    })
    if (onNudge) stops.push(onNudge(() => this.#wake()))
    return stops
  }
}

const yieldToOthers = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })

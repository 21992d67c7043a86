import { DatabaseError } from '../dialects/driver.ts'
import { newId } from '../job/job-id.ts'
import { startTimer } from '../job/timer.ts'
import type { Problem } from '../recurrent-problem.ts'
import type { Worker } from '../settings.ts'
import { claim, type ClaimedJob } from '../transitions/claim.ts'
import { noteEveryMs, noteTick } from '../transitions/record-tick.ts'
import { listen, renew, retire, retireWithTombstone } from '../transitions/lease.ts'
import type { Runner } from '../transitions/run.ts'
import { settle, type Settled } from '../transitions/settle.ts'
import { resent, type Transition } from '../transitions/transition.ts'
import { type Core, remainingMs, type TickOptions } from './core.ts'
import { type Ended, endCancelled, endPerformed, endStopped, lighten } from './ending.ts'
import { InvocationEndingError, JobCancelledError, perform } from './perform.ts'
import { lastQueueOf, rotation } from './rotation.ts'
import { watch } from './stopping.ts'
import { nothingWorked, type Worked } from './worked.ts'

export interface WorkOptions extends TickOptions {
  /** Keep looking for work until the deadline or the signal. Default false: stop when there is none. */
  readonly linger?: boolean
  /** The longest lease. Default: `processAliveThreshold`. */
  readonly leaseMs?: number
  /** How often the lease is renewed. Default: `heartbeatInterval`. */
  readonly heartbeatMs?: number
  /** Calls `wake` when there may be new work: a lingering tick looks at once. Returns what stops that. */
  readonly onNudge?: (wake: () => void) => () => void
  /** Called whenever the database has answered a claim or a settlement. */
  readonly onAnswer?: () => void
  /** What the invocation calls itself in errors, such as `host:pid`. Default: the worker's name. */
  readonly name?: string
}

/** A lease outlasts its deadline by this, for the last settlement. */
const leaseMarginMs = 30_000
/** Progress is written, and what was cancelled is heard of, this often at most. */
const progressIntervalMs = 10_000

/** A job that had this much of its invocation's time had all there is: the next one will give it little more. */
const wholeShare = 3 / 4

const notAnswered: Problem = {
  level: 'error',
  message: 'The database failed; trying again each second',
  over: 'The database answers again',
}

const notRenewed: Problem = {
  level: 'error',
  message: 'The lease could not be renewed; trying again at the next heartbeat',
  over: 'The lease is renewed again',
}

interface Held {
  readonly job: ClaimedJob
  readonly startedAt: number
  /** Aborted: its handler is told to stop. */
  readonly stop: AbortController
  /** Null while it runs. */
  ended: Ended | null
  /** Reported and not yet written, as JSON. */
  progress: string | null
}

/**
 * One run of a work tick: it holds claims under a lease, and ends each of them. Its row in `processes` appears with its
 * first claim, and goes with its last settlement, unless a try of that claim may still come.
 */
export class Invocation {
  readonly worked: Worked = nothingWorked()
  /** Work remains that this invocation has no time for. */
  more = false

  readonly #core: Core
  readonly #worker: Worker
  readonly #run: Runner['run']
  readonly #options: WorkOptions
  readonly #held = new Map<string, Held>()
  readonly #began: number
  #processId = newId()
  /** Whether the invocation has a process row. */
  #registered = false
  /** Whether a try of its first claim may still come. */
  #doubtful = false
  /** Which claim comes next. A claim whose answer is missing is made again under its number. */
  #claim = 1
  #endings: Held[] = []
  /** As many of the next endings are settled one by one, since together the database refused them. */
  #singly = 0
  #closing = false
  /** Null while it goes on, or when only a job that it has no time for keeps it from claiming more. */
  #closedBy: 'deadline' | 'signal' | null = null
  #lost = false
  /** Whether its time is over: what cannot be settled now is left to the lease. */
  #gaveUp = false
  /** Whether handlers were told to stop. */
  #stopped = false
  /** When the lease was renewed. */
  #beatAt = 0
  /** When it last wrote that its worker is at work. */
  #notedAt = 0
  /** When the invocation last heard whether its jobs were cancelled. */
  #heardAt = 0
  #wake = () => {}

  constructor(core: Core, worker: Worker, run: Runner['run'], options: WorkOptions, began: number) {
    this.#core = core
    this.#worker = worker
    this.#run = run
    this.#options = options
    this.#began = began
  }

  async work(): Promise<void> {
    const unwatch = watch(this.#options, this.#core.settings.shutdownGraceMs, {
      close: (by) => this.#close(by),
      releaseAll: () => this.#releaseAll(),
    })
    const stopListening = this.#options.onNudge?.(() => this.#wake())
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
      unwatch()
      stopListening?.()
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
    const processId = this.#processId
    const first = !this.#registered
    const claims = max === 0 ? [] : [this.#claimOf(max)]
    const settles =
      endings.length === 0
        ? []
        : [
            settle(dialect, {
              processId,
              endings: endings.map(({ ended }) => (ended as Ended).ending),
              keys: endings.flatMap(({ job: { id, concurrency } }) =>
                concurrency ? [{ ...concurrency, jobId: id }] : [],
              ),
            }),
          ]
    const retires = first ? [] : [(this.#doubtful ? retireWithTombstone : retire)(dialect, { processId })]
    try {
      const notes = claims.length > 0 && Date.now() - this.#notedAt >= noteEveryMs ? [this.#note()] : []
      const readings = await this.#run(...settles, ...claims, ...retires, ...notes, resent)
      this.#core.emitter.recurrent(notAnswered).ended(this.#worker.name)
      this.#options.onAnswer?.()
      if (alone) this.#singly -= 1
      if (settles.length > 0) this.#settled(endings, readings[0] as ReadonlyMap<string, Settled>)
      let claimed = claims.length > 0 ? (readings[settles.length] as readonly ClaimedJob[]) : []
      if (first && readings.at(-1) === true) {
        this.#doubtful = true
        if (claimed.length === 0) claimed = await this.#claimLate(max)
      }
      if (claims.length > 0) this.#claim += 1
      if (claimed.length > 0) {
        if (!this.#registered) this.#beatAt = this.#heardAt = Date.now()
        this.#registered = true
      }
      if (claimed.length > 0) rotation.set(this.#worker, lastQueueOf(claimed))
      for (const job of claimed) this.#start(job)
      if (this.#held.size === 0 && (this.#registered || this.#doubtful)) this.#renewIdentity()
      return claimed.length > 0
    } catch (error) {
      // What the database refuses, it will refuse again; and without jobs in hand there is nothing to lose. Else their
      // settlement is tried again for as long as the invocation lasts; until then the claim keeps its number, so that
      // nothing is claimed twice.
      const refused = error instanceof DatabaseError && error.failure === 'other'
      if (refused && this.#singleOut(endings, alone, error)) return false
      if (refused || this.#held.size === 0 || this.#gaveUp || remainingMs(this.#options) < 0) {
        this.#stop('The database failed: what this invocation does cannot be settled.')
        throw error
      }
      this.#endings.unshift(...endings)
      this.#core.emitter.recurrent(notAnswered).came(this.#worker.name, { worker: this.#worker.name, error })
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return false
    }
  }

  /** That this worker is at work, whether it finds any or not. */
  #note(): Transition<void> {
    this.#notedAt = Date.now()
    return noteTick(this.#core.driver.dialect, { actor: `work:${this.#worker.name}` })
  }

  #claimOf(max: number): Transition<readonly ClaimedJob[]> {
    return claim(this.#core.driver.dialect, {
      processId: this.#processId,
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

  /** What a try of the first claim has taken that came after the last one. From now on none comes. */
  async #claimLate(max: number): Promise<readonly ClaimedJob[]> {
    const retires = retireWithTombstone(this.#core.driver.dialect, { processId: this.#processId })
    const [, claimed] = await this.#run(retires, this.#claimOf(max))
    return claimed
  }

  /**
   * Refused together, endings are settled one by one; refused alone, one goes without what its job made, which may be
   * more than the database takes. Returns whether there is anything left to try.
   */
  #singleOut(endings: readonly Held[], alone: boolean, cause: DatabaseError): boolean {
    const [held] = endings
    if (!held?.ended) return false
    if (alone) {
      const lighter = lighten(held.job, held.ended, cause)
      if (!lighter) return false
      held.ended = lighter
    } else this.#singly = endings.length
    this.#endings.unshift(...endings)
    return true
  }

  /** The row is gone: what comes next is another invocation, which `maxInvocations` counts anew. */
  #renewIdentity(): void {
    this.#doubtful = false
    this.#processId = newId()
    this.#registered = false
    this.#claim = 1
  }

  #start(job: ClaimedJob): void {
    const held: Held = { job, startedAt: Date.now(), stop: new AbortController(), ended: null, progress: null }
    this.#held.set(job.id, held)
    this.worked.claimed += 1
    const timeoutMs = this.#core.tasks.get(job.taskName)?.timeoutMs ?? 0
    if (this.#stopped || timeoutMs > remainingMs(this.#options)) {
      // It goes back at once, so nothing more is claimed: this invocation would get the same job again.
      this.#closing = true
      this.more = true
      this.#end(held, endStopped(job, null, { wholeMs: this.#stopped ? null : this.#wholeMs(held), started: false }))
      return
    }
    const processId = this.#processId
    this.#core.emitter.emit('job.started', {
      ...this.#about(job, processId),
      waitedMs: Math.max(0, Date.now() - job.scheduledAt.getTime()),
    })
    void perform(this.#core, job, {
      stop: held.stop,
      report: (progress) => {
        held.progress = progress
      },
    }).then((performed) =>
      performed === 'stopped' ? this.#release(held) : this.#end(held, endPerformed(job, held.progress, performed)),
    )
  }

  /** Gives back a job that was performed until the invocation ended. */
  #release(held: Held): void {
    const wholeMs = this.#closedBy === 'deadline' ? this.#wholeMs(held) : null
    this.#end(held, endStopped(held.job, held.progress, { wholeMs, started: true }))
  }

  /** What a job has from its start to the deadline, if that is about all an invocation has; else null. */
  #wholeMs({ startedAt }: Held): number | null {
    const deadline = this.#options.deadline?.getTime() ?? Number.POSITIVE_INFINITY
    const hasMs = deadline - startedAt
    return hasMs >= wholeShare * (deadline - this.#began) ? hasMs : null
  }

  /** Notes how a job ended. What ends after it was released, or after the lease was lost, changes nothing. */
  #end(held: Held, ended: Ended): void {
    if (held.ended || this.#held.get(held.job.id) !== held) return
    held.ended = ended
    this.#endings.push(held)
    this.#wake()
  }

  /** Counts and tells what took effect. */
  #settled(endings: readonly Held[], settled: ReadonlyMap<string, Settled>): void {
    for (const { job, startedAt, ended } of endings) {
      this.#held.delete(job.id)
      if (!ended) continue
      const { ending, error } = ended
      const event = { ...this.#about(job, this.#processId), durationMs: Date.now() - startedAt }
      const how = settled.get(job.id)
      if (how === 'stale') {
        this.worked.stale += 1
        this.#core.emitter.emit('job.stale', event)
        continue
      }
      const kind = how === 'cancelled' ? how : ending.kind
      this.worked[kind] += 1
      if (kind === 'cancelled') this.#core.emitter.emit('job.cancelled', event)
      else if (ending.kind === 'succeeded') this.#core.emitter.emit('job.finished', event)
      else if (ending.kind === 'released') this.#core.emitter.emit('job.released', event)
      else if (error && ending.kind === 'failed') this.#core.emitter.emit('job.failed', { ...event, error })
      else if (error) this.#core.emitter.emit('job.retried', { ...event, error, delayMs: ending.delayMs })
    }
  }

  #about({ id, taskName, queueName, attempts }: ClaimedJob, processId: string) {
    return { id, taskName, queueName, attempt: attempts + 1, processId }
  }

  /** Renews the lease where the deadline lies beyond it, writes progress, and hears which jobs were cancelled. */
  async #beat(): Promise<void> {
    const { heartbeatMs = this.#core.settings.heartbeatIntervalMs, leaseMs } = this.#options
    const sinceHeard = Date.now() - this.#heardAt
    const sinceBeat = Date.now() - this.#beatAt
    const running = [...this.#held.values()].filter((held) => !held.ended)
    const reports = running.filter((held) => held.progress !== null)
    const leaseEnds = leaseMs ?? this.#core.settings.processAliveThresholdMs
    const needed = sinceBeat >= heartbeatMs && remainingMs(this.#options) + leaseMarginMs > leaseEnds - sinceBeat
    const due = running.length > 0 && sinceHeard >= Math.min(progressIntervalMs, heartbeatMs)
    if (!this.#registered || !(needed || due)) return
    this.#heardAt = Date.now()
    const { dialect } = this.#core.driver
    const processId = this.#processId
    const sent = reports.map((held) => ({ held, progress: held.progress as string }))
    const forget = () => {
      for (const { held, progress } of sent) if (held.progress === progress) held.progress = null
    }
    const renews = needed || sent.length > 0
    if (renews) this.#beatAt = this.#heardAt
    try {
      const [heard] = await this.#run(
        renews
          ? renew(dialect, {
              processId,
              leaseMs: this.#leaseMs(),
              reports: sent.map(({ held, progress }) => ({ id: held.job.id, progress })),
            })
          : listen(dialect, { processId }),
      )
      this.#core.emitter.recurrent(notRenewed).ended(this.#worker.name)
      forget()
      if (heard === null) this.#loseLease()
      else for (const id of heard) this.#cancel(id)
    } catch (error) {
      // Progress that the database refuses, being too large perhaps, must not cost the lease.
      if (error instanceof DatabaseError && error.failure === 'other') forget()
      this.#core.emitter.recurrent(notRenewed).came(this.#worker.name, { worker: this.#worker.name, error })
    }
  }

  /** Stops a job that somebody cancelled. What its handler does after that changes nothing. */
  #cancel(id: string): void {
    const held = this.#held.get(id)
    if (!held || held.ended) return
    held.stop.abort(new JobCancelledError(id))
    this.#end(held, endCancelled(held.job, held.progress))
  }

  /** Another tick has settled our jobs: whatever we would write has no effect. */
  #loseLease(): void {
    this.#lost = true
    this.worked.stale += this.#held.size
    for (const { job } of this.#held.values()) this.#core.emitter.emit('job.stale', this.#about(job, this.#processId))
    this.#stop('The lease of this invocation was lost: its jobs are no longer its own.')
    this.#held.clear()
    this.#endings = []
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
        const stop = startTimer(ms, resolve)
        this.#wake = () => {
          stop()
          resolve()
        }
      })
    this.#wake = () => {}
    // Performings that end together are settled together.
    if (this.#endings.length > 0) await yieldToOthers()
  }

  /** Claims nothing more; tells the handlers to stop. */
  #close(by: 'deadline' | 'signal'): void {
    if (this.#stopped) return
    this.#closing = true
    this.#closedBy = by
    this.more = true
    this.#stop(by === 'deadline' ? 'The deadline of this invocation is near.' : 'This invocation was told to stop.')
    this.#wake()
  }

  #stop(message: string): void {
    this.#stopped = true
    const reason = new InvocationEndingError(message)
    for (const { stop, ended } of this.#held.values()) if (!ended) stop.abort(reason)
  }

  #releaseAll(): void {
    this.#gaveUp = true
    for (const held of this.#held.values()) this.#release(held)
    this.#wake()
  }
}

const yieldToOthers = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })

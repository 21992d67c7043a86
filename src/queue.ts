import type { ExecutionContext } from './connection.ts'
import { callsOf } from './enqueuing/calls.ts'
import { InTransaction } from './enqueuing/in-transaction.ts'
import { Intake, listed, type Place, single } from './enqueuing/intake.ts'
import { batches } from './enqueuing/batches.ts'
import { store } from './enqueuing/store.ts'
import { ConfigurationError, DeserializationError } from './errors.ts'
import type { EventName, Hook } from './events.ts'
import { type Duration, parseDuration } from './job/duration.ts'
import type {
  Call,
  EnqueuerInTransaction,
  PayloadArguments,
  Performer,
  Task,
  TransactionalEnqueuer,
} from './job/contract.ts'
import type { Enqueued, EnqueuedOr, Skipped } from './job/enqueued.ts'
import type { Prepared, PreparedAll, Transaction } from './job/prepared.ts'
import { uuidOf } from './job/job-id.ts'
import type { Job } from './job/job.ts'
import type { Nudge } from './job/nudge.ts'
import { readStoredJson } from './job/stored-json.ts'
import { explainJob, type Explanation } from './operating/explain.ts'
import { RecurringOperator } from './operating/recurring.ts'
import type { Core, TickOptions } from './ticks/core.ts'
import { dispatch, type DispatchReport } from './ticks/dispatch.ts'
import { maintain, type MaintainReport } from './ticks/maintain.ts'
import { prune, type PruneReport } from './ticks/prune.ts'
import { schedule, type ScheduleReport } from './ticks/schedule.ts'
import { type CombinedReport, tick } from './ticks/tick.ts'
import type { WorkOptions } from './ticks/work-options.ts'
import { work, type WorkReport, workerOf } from './ticks/work.ts'
import type { Problem } from './recurrent-problem.ts'
import { requireSchema } from './schema-version.ts'
import { enqueueUnplaced } from './transitions/enqueue.ts'
import type { StoredJob } from './transitions/find.ts'
import { waitForResult } from './wait-for-result.ts'

/** The result type of a task with its own handler, or of a performer. */
type ResultOf<Source> =
  Source extends Performer<string, infer Result>
    ? Awaited<Result>
    : Source extends Task<string, infer _I, infer _P, infer Result, infer _B>
      ? Awaited<Result>
      : unknown

/** The parts of a queue. */
export interface QueueParts extends Omit<Core, 'enqueuer'> {
  /** Null: none. */
  readonly nudge: Nudge | null
  /** Null: the nudge is not kept alive. */
  readonly ctx: ExecutionContext | null
}

const nudgeFailed: Problem = {
  level: 'warn',
  message: 'The nudge failed; cron will find the work',
  over: 'The nudge works again',
}

/** An open queue: it enqueues, finds, performs and operates on jobs. */
export class Queue extends RecurringOperator implements TransactionalEnqueuer {
  readonly #core: Core
  readonly #nudge: Nudge | null
  readonly #ctx: ExecutionContext | null
  readonly #intake: Intake

  /** Use `defineQueue(…).open(…)`. */
  constructor({ nudge, ctx, ...core }: QueueParts) {
    super(core, () => this.#nudgeLater())
    this.#core = { ...core, enqueuer: this }
    this.#nudge = nudge
    this.#ctx = ctx
    this.#intake = new Intake(core.tasks, {
      queues: core.queues,
      codec: core.codec,
      defaultDurationMs: core.settings.defaultConcurrencyDurationMs,
    })
  }

  /**
   * Stores one job, in one round trip.
   *
   * @throws PayloadError when the payload cannot be stored, or the task's schema refuses it
   * @throws ConfigurationError when the task or its queue is not of this definition
   * @throws DatabaseError when the database fails
   */
  async enqueue<Input, Skips extends boolean>(
    task: Task<string, Input, unknown, unknown, boolean, Skips>,
    ...[payload]: PayloadArguments<Input>
  ): Promise<EnqueuedOr<Skips>> {
    const [enqueued] = await this.#enqueue([{ task, payload }], single)
    return enqueued as EnqueuedOr<Skips>
  }

  /**
   * Stores many jobs: of one task, or the calls of several. A batch of up to 1,000 jobs (and 600,000 characters of
   * JSON) is one round trip, stored whole or not at all; more are stored batch by batch, two at a time. All payloads are checked first.
   *
   * @returns in the order given
   * @throws PayloadError naming which one, as `[3].payload.url`; nothing is stored then
   */
  async enqueueAll<Input, Skips extends boolean>(
    task: Task<string, Input, unknown, unknown, boolean, Skips>,
    payloads: Iterable<NoInfer<Input>>,
  ): Promise<EnqueuedOr<Skips>[]>
  async enqueueAll<Skips extends boolean>(calls: Iterable<Call<Skips>>): Promise<EnqueuedOr<Skips>[]>
  async enqueueAll(first: unknown, payloads?: Iterable<unknown>): Promise<(Enqueued | Skipped)[]> {
    return this.#enqueue(callsOf(first, payloads), listed)
  }

  prepare<Input>(task: Task<string, Input>, ...[payload]: PayloadArguments<Input>): Prepared {
    const { jobs, statements } = this.#prepare([{ task, payload }], single)
    return { job: jobs[0] as Prepared['job'], statements }
  }

  prepareAll<Input>(task: Task<string, Input>, payloads: Iterable<NoInfer<Input>>): PreparedAll
  prepareAll(calls: Iterable<Call>): PreparedAll
  prepareAll(first: unknown, payloads?: Iterable<unknown>): PreparedAll {
    return this.#prepare(callsOf(first, payloads), listed)
  }

  in(transaction: Transaction): EnqueuerInTransaction {
    return new InTransaction(transaction, this.driver.dialect, this.#intake)
  }

  /**
   * The job of that id; null when none is stored. Give a performer, or a task with its own handler, for the result's
   * type.
   */
  async find<Source extends Task | Performer>(id: string, _typed?: Source): Promise<Job<ResultOf<Source>> | null> {
    const job = await this.findStored(id)
    return job ? ((await this.#decode(job)) as Job<ResultOf<Source>>) : null
  }

  /**
   * Waits for a job to finish. It looks again and again, so use it where a caller waits anyway.
   *
   * @param timeout default 30 s
   * @returns the value that the job's handler returned
   * @throws JobFailedError, JobCancelledError, UnknownJobError, ResultTimeoutError
   */
  async result<Source extends Task | Performer>(
    id: string,
    { timeout = '30s', of }: { timeout?: Duration; of?: Source } = {},
  ): Promise<ResultOf<Source>> {
    const found = await waitForResult(() => this.find(id, of), { id, timeoutMs: parseDuration(timeout, 'timeout') })
    return found as ResultOf<Source>
  }

  /**
   * Explains a job's state, and, unless it has ended, why it does not run: in sentences, and in codes for programs.
   * Null: there is no such job.
   */
  explain(id: string): Promise<Explanation | null> {
    return explainJob(this.runner, this.#core.settings, uuidOf(id))
  }

  /**
   * Writes the recurring tasks of this definition as it has them, and makes this deployment the newest: for a step back
   * that is not to wait until later deployments are gone. Holds for as long as this deployment's ticks come. Due
   * occurrences are enqueued first, as ticks do.
   *
   * @returns the keys that are not written, since tasks created at run time have them
   */
  async applyRecurring(): Promise<readonly string[]> {
    await this.schedule()
    return this.writeStatic()
  }

  /**
   * Enqueues a job of a recurring task now, beside the jobs of its schedule. Null: no recurring task has that key.
   *
   * @throws PayloadError when the task's schema refuses the payload by now
   * @throws ConfigurationError when its task or queue is not of this definition
   */
  async runRecurringNow(key: string): Promise<Enqueued | Skipped | null> {
    const recurring = await this.storedRecurring(key)
    if (!recurring) return null
    const { taskName, queueName, priority, payload, payloadMeta } = recurring
    const task = this.#core.tasks.get(taskName)
    if (!task)
      throw new ConfigurationError(`The recurring task "${key}"`, [
        `task: "${taskName}" is not in the \`tasks\` of this queue; add it there`,
      ])
    const using = { ...(queueName === null ? {} : { queue: queueName }), ...(priority === null ? {} : { priority }) }
    return this.enqueue(task.using(using), await this.#core.codec.decode(payload, payloadMeta))
  }

  /** Dispatches scheduled jobs that are due. */
  dispatch(options?: TickOptions): Promise<DispatchReport> {
    return dispatch(this.#core, options)
  }

  /** Enqueues the due occurrences of recurring tasks. Asks for a tick when there were any. */
  async schedule(options?: TickOptions): Promise<ScheduleReport> {
    const report = await schedule(this.#core, options)
    if (report.enqueued > 0) await this.nudge()
    return report
  }

  /** Claims and performs jobs for a worker, by default the first one. Asks for another tick when work remains. */
  async work({ worker, ...options }: WorkOptions & { worker?: string } = {}): Promise<WorkReport> {
    return this.#goOn(await work(this.#core, workerOf(this.#core.settings, worker), options))
  }

  /** Settles the jobs of lost invocations. */
  prune(options?: TickOptions): Promise<PruneReport> {
    return prune(this.#core, options)
  }

  /** Clears jobs past their retention. */
  maintain(options?: TickOptions): Promise<MaintainReport> {
    return maintain(this.#core, options)
  }

  /** Runs one bounded pass of all actors. Asks for another tick when work remains. */
  async tick(options?: TickOptions): Promise<CombinedReport> {
    return this.#goOn(await tick(this.#core, options))
  }

  /**
   * Asks the database whether this code can work on it, in one round trip that reads one row.
   *
   * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
   */
  async check(): Promise<{ readonly schemaVersion: number }> {
    const { schemaVersion } = await requireSchema(this.driver, this.runner.run)
    return { schemaVersion }
  }

  /** Adds a hook. Returns a function that removes it. An error of a hook is logged, and changes nothing. */
  on<Name extends EventName>(name: Name, hook: Hook<Name>): () => void {
    return this.#core.emitter.on(name, hook)
  }

  /** Asks for a tick now, as after an enqueue. */
  async nudge(): Promise<void> {
    try {
      await this.#nudge?.()
      this.#core.emitter.recurrent(nudgeFailed).ended('')
    } catch (error) {
      this.#core.emitter.recurrent(nudgeFailed).came('', { error })
    }
  }

  /** Closes the connections that the driver opened. */
  close(): Promise<void> {
    return this.driver.close()
  }

  async #enqueue(calls: readonly Call[], place: Place): Promise<(Enqueued | Skipped)[]> {
    const jobs = await this.#intake.jobsOf(calls, place)
    const enqueued = await store(this.driver, jobs)
    for (const [index, { taskName, queueName }] of jobs.entries()) {
      const outcome = enqueued[index] as Enqueued | Skipped
      if (outcome.id === null) this.#core.emitter.emit('job.skipped', { taskName, queueName, heldBy: outcome.heldBy })
      else this.#core.emitter.emit('job.enqueued', { ...outcome, taskName, queueName })
    }
    if (enqueued.some((outcome) => outcome.id !== null && outcome.state === 'ready')) this.#nudgeLater()
    return enqueued
  }

  #prepare(calls: readonly Call[], place: Place): PreparedAll {
    const jobs = this.#intake.jobsOfNow(calls, place)
    const { dialect } = this.driver
    const statements = [...batches(jobs)].flatMap(([, batch]) => enqueueUnplaced(dialect, { jobs: batch }).statements)
    return { jobs: jobs.map(({ id }) => ({ id })), statements }
  }

  async #decode({ result, resultMeta, ...job }: StoredJob): Promise<Job> {
    if (result === null) return { ...job, result: undefined }
    try {
      return { ...job, result: await this.#core.codec.decode(result, resultMeta) }
    } catch (error) {
      // A result that is no JSON was written by another program. It is shown as it is, and hides no job.
      if (error instanceof DeserializationError && error.cause instanceof SyntaxError)
        return { ...job, result: readStoredJson(result) }
      throw error
    }
  }

  /**
   * Asks for the next tick of a long backlog. A tick that got nowhere asks for none: the next one would not get on,
   * either.
   */
  async #goOn<R extends WorkReport | CombinedReport>(report: R): Promise<R> {
    const ended = report.succeeded + report.retried + report.failed + report.cancelled
    if (report.more && ended > 0) await this.nudge()
    return report
  }

  #nudgeLater(): void {
    if (!this.#nudge) return
    const done = this.nudge()
    this.#ctx?.waitUntil(done)
  }
}

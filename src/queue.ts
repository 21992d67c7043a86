import type { Core } from './core.ts'
import type { Driver } from './dialects/driver.ts'
import { callOf, callsOf, idsGiven } from './enqueuing/calls.ts'
import { InTransaction } from './enqueuing/in-transaction.ts'
import { Intake, listed, type IssuePrefix, single } from './enqueuing/intake.ts'
import { batches } from './enqueuing/batches.ts'
import { distinct, store } from './enqueuing/store.ts'
import { DeserializationError } from './errors.ts'
import type { EventName, Hook } from './events.ts'
import type { OnConflict } from './job/concurrency.ts'
import { parseDuration } from './job/duration.ts'
import type {
  Call,
  EnqueueArguments,
  EnqueuedOf,
  EnqueueOptions,
  EnqueuerInTransaction,
  Performer,
  ResultOf,
  Task,
  TransactionalEnqueuer,
} from './job/contract.ts'
import type { Enqueued, Skipped } from './job/enqueued.ts'
import type { Prepared, PreparedAll, Transaction } from './job/prepared.ts'
import type { FindOptions, FoundResult, ResultOptions } from './job/finding.ts'
import type { Job, JobHandle } from './job/job.ts'
import { uuidOf } from './job/job-id.ts'
import { readStoredJson } from './job/stored-json.ts'
import { findStored } from './find-stored.ts'
import { requireSchema } from './schema-version.ts'
import { enqueueUnplaced } from './transitions/enqueue.ts'
import type { StoredJob } from './transitions/find.ts'
import { type Runner, runner } from './transitions/run.ts'
import { waitForResult } from './wait-for-result.ts'

/** The parts of a queue. */
export type QueueParts = Omit<Core, 'enqueuer'>

/**
 * An open queue, for the application: it enqueues jobs, finds them, and takes part in transactions. `steadytick/ticks`
 * performs its jobs, and `steadytick/manage` is for the actions of people.
 */
export class Queue implements TransactionalEnqueuer {
  /** For `steadytick/ticks` and `steadytick/manage`. */
  readonly '~core': Core
  readonly #runner: Runner
  readonly #intake: Intake

  /** Use `defineQueue(…).open(…)`. */
  constructor(parts: QueueParts) {
    this['~core'] = { ...parts, enqueuer: this }
    this.#runner = runner(parts.driver)
    this.#intake = new Intake(parts.tasks, {
      queues: parts.queues,
      codec: parts.codec,
      settings: parts.settings,
    })
  }

  /** The driver of the connection. */
  get driver(): Driver {
    return this['~core'].driver
  }

  /**
   * Stores one job, in one round trip: `enqueue(task, payload, { runAfter: '5m' })`.
   *
   * @param args the payload, undefined where the task takes none; and the options of this job
   * @returns `{ id, state, created }`, which `find` and `result` take
   * @throws PayloadError when the payload cannot be stored, or the task's schema refuses it
   * @throws ConfigurationError when the task or its queue is not of this definition
   * @throws DatabaseError when the database fails
   */
  async enqueue<Input, Result, Conflict extends OnConflict>(
    task: Task<string, Input, unknown, Result, Conflict>,
    ...args: EnqueueArguments<Input>
  ): Promise<EnqueuedOf<Result, Conflict>> {
    const [enqueued] = await this.#enqueue([callOf(task, args)], single)
    return enqueued as EnqueuedOf<Result, Conflict>
  }

  /**
   * Stores many jobs: of one task, or the calls of several. A batch of up to 1,000 jobs (and 600,000 characters of
   * JSON) is one round trip, stored whole or not at all; more are stored batch by batch, two at a time. All payloads are checked first.
   *
   * @returns in the order given
   * @throws PayloadError naming which one, as `[3].payload.url`; nothing is stored then
   */
  async enqueueAll<Input, Result, Conflict extends OnConflict>(
    task: Task<string, Input, unknown, Result, Conflict>,
    payloads: Iterable<NoInfer<Input>>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedOf<Result, Conflict>[]>
  async enqueueAll<Conflict extends OnConflict>(
    calls: Iterable<Call<Conflict>>,
  ): Promise<EnqueuedOf<unknown, Conflict>[]>
  async enqueueAll(
    first: unknown,
    payloads?: Iterable<unknown>,
    options?: EnqueueOptions,
  ): Promise<(Enqueued | Skipped)[]> {
    return this.#enqueue(callsOf(first, payloads, options), listed)
  }

  prepare<Input, Result>(
    task: Task<string, Input, unknown, Result>,
    ...args: EnqueueArguments<Input>
  ): Prepared<ResultOf<Result>> {
    const { jobs, statements } = this.#prepare([callOf(task, args)], single)
    return { job: jobs[0] as JobHandle<ResultOf<Result>>, statements }
  }

  prepareAll<Input, Result>(
    task: Task<string, Input, unknown, Result>,
    payloads: Iterable<NoInfer<Input>>,
    options?: EnqueueOptions,
  ): PreparedAll<ResultOf<Result>>
  prepareAll(calls: Iterable<Call>): PreparedAll
  prepareAll(first: unknown, payloads?: Iterable<unknown>, options?: EnqueueOptions): PreparedAll {
    return this.#prepare(callsOf(first, payloads, options), listed)
  }

  in(transaction: Transaction): EnqueuerInTransaction {
    return new InTransaction(transaction, this.driver.dialect, this.#intake)
  }

  /**
   * The job, as it is now; null when none of that id is stored.
   *
   * @param job what `enqueue` gave, whose type says the type of the result; or an id
   * @throws ArgumentError when the id is no UUID
   */
  async find<Of extends Task | Performer = never, const Found extends JobHandle | string = JobHandle | string>(
    job: Found,
    _options: FindOptions<Of> = {},
  ): Promise<Job<FoundResult<Found, Of>> | null> {
    const stored = await findStored(this.#runner, jobId(job))
    return stored && ((await this.#decode(stored)) as Job<FoundResult<Found, Of>>)
  }

  /**
   * Waits for a job to finish. It looks again and again, so use it where a caller waits anyway.
   *
   * @param job what `enqueue` gave, whose type says the type of the result; or an id
   * @returns the value that the job's handler returned
   * @throws JobFailedError, JobCancelledError, JobSkippedError, UnknownJobError, ResultTimeoutError
   * @throws ArgumentError when the id is no UUID
   */
  async result<Of extends Task | Performer = never, const Found extends JobHandle | string = JobHandle | string>(
    job: Found,
    { timeout = '30s', signal }: ResultOptions<Of> = {},
  ): Promise<FoundResult<Found, Of>> {
    const id = uuidOf(jobId(job))
    const timeoutMs = parseDuration(timeout, 'timeout')
    return (await waitForResult(() => this.find(id), { id, timeoutMs, signal })) as FoundResult<Found, Of>
  }

  /**
   * Asks the database whether this code can work on it, in one round trip that reads one row.
   *
   * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
   */
  async check(): Promise<{ readonly schemaVersion: number }> {
    const { schemaVersion } = await requireSchema(this.driver, this.#runner.run)
    return { schemaVersion }
  }

  /** Adds a hook. Returns a function that removes it. An error of a hook is logged, and changes nothing. */
  on<Name extends EventName>(name: Name, hook: Hook<Name>): () => void {
    return this['~core'].emitter.on(name, hook)
  }

  /** Asks for a tick now, as after an enqueue. */
  nudge(): Promise<void> {
    return this['~core'].nudges.now()
  }

  /** Closes the connections that the driver opened. */
  close(): Promise<void> {
    return this.driver.close()
  }

  /** Closes the queue at the end of the block that declares it with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #enqueue(calls: readonly Call[], prefix: IssuePrefix): Promise<(Enqueued | Skipped)[]> {
    const jobs = await this.#intake.jobsOf(calls, prefix)
    const enqueued = await store(this.driver, jobs, idsGiven(calls))
    for (const [index, { task: taskName, queue: queueName }] of jobs.entries()) {
      const outcome = enqueued[index] as Enqueued | Skipped
      if (outcome.id === null)
        this['~core'].emitter.emit('job.skipped', { task: taskName, queue: queueName, heldBy: outcome.heldBy })
      else this['~core'].emitter.emit('job.enqueued', { ...outcome, task: taskName, queue: queueName })
    }
    if (enqueued.some((outcome) => outcome.id !== null && outcome.state === 'ready')) this['~core'].nudges.later()
    return enqueued
  }

  #prepare(calls: readonly Call[], prefix: IssuePrefix): PreparedAll {
    const jobs = this.#intake.jobsOfNow(calls, prefix)
    const { dialect } = this.driver
    const statements = [...batches(distinct(jobs))].flatMap(
      ([, batch]) => enqueueUnplaced(dialect, { jobs: batch }).statements,
    )
    return { jobs: jobs.map(({ id }) => ({ id })), statements }
  }

  async #decode({ result, resultMeta, ...job }: StoredJob): Promise<Job> {
    if (result === null) return { ...job, result: undefined }
    try {
      return { ...job, result: await this['~core'].codec.decode(result, resultMeta) }
    } catch (error) {
      // A result that is no JSON was written by another program. It is shown as it is, and hides no job.
      if (error instanceof DeserializationError && error.cause instanceof SyntaxError)
        return { ...job, result: readStoredJson(result) }
      throw error
    }
  }
}

const jobId = (job: JobHandle | string): unknown => (typeof job === 'object' && job !== null ? job.id : job)

import type { Driver } from './dialects/driver.ts'
import type { CancellableState, UnclaimedState } from './dialects/moves.ts'
import { callsOf } from './enqueuing/calls.ts'
import { InTransaction } from './enqueuing/in-transaction.ts'
import { Intake, listed, type Place, single } from './enqueuing/intake.ts'
import { batches } from './enqueuing/batches.ts'
import { store } from './enqueuing/store.ts'
import { ConfigurationError, QueueError } from './errors.ts'
import { consoleLogger, Emitter, type EventName, type Hook, type Hooks, type Logger } from './events.ts'
import { type Duration, formatDuration, parseDuration } from './job/duration.ts'
import type { Enqueued, Enqueuer, Prepared, PreparedAll, Transaction, TransactionalEnqueuer } from './job/enqueuer.ts'
import { isJobId } from './job/job-id.ts'
import type { Job } from './job/job.ts'
import type { Model } from './job/models.ts'
import type { Nudge } from './job/nudge.ts'
import { PayloadCodec } from './job/payload.ts'
import type { Handler, Performer } from './job/performer.ts'
import { queueNameProblem } from './job/queue-patterns.ts'
import type { Call, PayloadArguments, Task } from './job/task.ts'
import { type Move, moveSelected } from './operating/bulk.ts'
import { type Bulk, type BulkOptions, type JobSelection, readSelection } from './operating/selection.ts'
import { readSettings, type Settings, type SettingsOptions } from './settings.ts'
import type { Core, TickOptions } from './ticks/core.ts'
import { dispatch, type DispatchReport } from './ticks/dispatch.ts'
import { maintain, type MaintainReport } from './ticks/maintain.ts'
import { prune, type PruneReport } from './ticks/prune.ts'
import { type CombinedReport, tick } from './ticks/tick.ts'
import type { WorkOptions } from './ticks/invocation.ts'
import { work, type WorkReport, workerOf } from './ticks/work.ts'
import { JobCancelledError } from './ticks/perform.ts'
import { lookAround } from './schema-version.ts'
import { cancel, type Cancelled } from './transitions/cancel.ts'
import { discard } from './transitions/discard.ts'
import { enqueue } from './transitions/enqueue.ts'
import { find, type StoredJob } from './transitions/find.ts'
import type { MovableState } from './transitions/page.ts'
import { pause, resume } from './transitions/pause.ts'
import { retry } from './transitions/retry.ts'
import { runNow } from './transitions/run-now.ts'
import { runner } from './transitions/run.ts'

/** How a queue is reached. */
export interface Connection {
  readonly driver: Driver
  /** Asks the platform for a tick when something was enqueued. Default: none; cron will find it. */
  readonly nudge?: Nudge
}

export interface QueueOptions<Tasks extends readonly Task[], Env> extends SettingsOptions {
  /** What may be enqueued. Explicit: nothing hangs on an import's side effect. */
  readonly tasks: Tasks
  /** The names of queues. Default: any; with a list, any other name is an error. */
  readonly queues?: readonly string[]
  /** What payloads refer to instead of holding it: stored as its name and id, loaded when the job runs. */
  readonly models?: readonly Model[]
  /** Makes the connection, from what the platform gives: bindings, or environment variables. It does no I/O. */
  readonly connect: (env: Env) => Connection
  /** Default: JSON lines on the console. */
  readonly logger?: Logger
  /** Hooks, told by every queue that is opened from this definition. */
  readonly on?: Hooks
}

/**
 * The performers of a queue's ticks: one for each task that has no handler of its own. What is missing is named by a
 * compile error. `[]` where every task has its own.
 */
export type PerformersFor<Tasks extends readonly Task[], Given extends readonly Performer[]> =
  Exclude<NeedsPerformer<Tasks[number]>, Given[number]['taskName']> extends infer Missing
    ? [Missing] extends [never]
      ? Given
      : { readonly 'these tasks have no performer': Missing }
    : never

type NeedsPerformer<T> = T extends Task<infer Name, infer _I, infer _P, infer _R, false> ? Name : never

/** What keeps work alive after the answer was sent: a Worker's `ctx`. */
export interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void
}

/** A definition: pure, and safe in any bundle. */
export interface QueueDefinition<Tasks extends readonly Task[] = readonly Task[], Env = never> {
  readonly tasks: ReadonlyMap<string, Task>
  readonly settings: Settings
  /** For types only. */
  readonly '~tasks'?: Tasks
  /**
   * Opens the queue: per invocation on Workers, once per process elsewhere. No I/O.
   *
   * @param ctx lets the nudge outlive the answer
   */
  open(env: Env, ctx?: ExecutionContext): Queue
  /** Opens the queue on a connection of your own, and with performers, so that it can work. */
  attach<const Given extends readonly Performer[] = []>(
    connection: Connection,
    options?: { perform?: Given; ctx?: ExecutionContext | undefined },
  ): Queue
  /** The connection that `open` would use. */
  connect(env: Env): Connection
}

/**
 * Defines a queue.
 *
 * @example
 * export const jobs = defineQueue({
 *   tasks: [greet],
 *   connect: (env: Env) => ({ driver: d1(env.DB) }),
 * })
 *
 * @throws ConfigurationError listing everything that is wrong
 */
export function defineQueue<const Tasks extends readonly Task[], Env>(
  options: QueueOptions<Tasks, Env>,
): QueueDefinition<Tasks, Env> {
  const problems: string[] = []
  const settings = readSettings(options, problems)
  const tasks = new Map<string, Task>()
  for (const task of options.tasks) {
    if (tasks.has(task.name)) problems.push(`tasks: "${task.name}" is listed twice`)
    tasks.set(task.name, task)
    if (options.queues && !options.queues.includes(task.queue))
      problems.push(`tasks: "${task.name}" has the queue "${task.queue}", which \`queues\` does not list`)
  }
  for (const name of options.queues ?? []) {
    const problem = queueNameProblem(name, 'queues')
    if (problem) problems.push(problem)
  }
  const models = options.models ?? []
  for (const { name } of models)
    if (models.filter((each) => each.name === name).length > 1) problems.push(`models: "${name}" is listed twice`)
  if (typeof options.connect !== 'function') problems.push('connect: give a function that returns { driver }')
  if (problems.length > 0) throw new ConfigurationError('The queue', problems)

  const logger = options.logger ?? consoleLogger
  const codec = new PayloadCodec({ maxBytes: settings.maxPayloadBytes, models })
  for (const worker of settings.workers.values())
    for (const warning of worker.patterns.warnings) logger.warn({ worker: worker.name }, warning)

  const attach = (
    connection: Connection,
    { perform = [], ctx }: { perform?: readonly Performer[]; ctx?: ExecutionContext | undefined } = {},
  ): Queue => {
    const handlers = new Map<string, Handler<never, unknown>>()
    for (const task of tasks.values()) if (task.run) handlers.set(task.name, task.run)
    for (const { taskName, handler } of perform) {
      if (!tasks.has(taskName))
        throw new ConfigurationError('perform', [`there is no task "${taskName}" in this queue's \`tasks\``])
      handlers.set(taskName, handler)
    }
    return new Queue({
      driver: connection.driver,
      nudge: connection.nudge ?? null,
      ctx: ctx ?? null,
      settings,
      tasks,
      queues: options.queues ? new Set(options.queues) : null,
      handlers,
      codec,
      emitter: new Emitter(logger, options.on ?? {}),
    })
  }
  return {
    tasks,
    settings,
    connect: options.connect,
    open: (env, ctx) => attach(options.connect(env), { ctx }),
    attach,
  }
}

/** The job failed: `result` has no value to give. */
export class JobFailedError extends QueueError {
  override readonly name = 'JobFailedError'
  readonly code = 'JOB_FAILED'
}

/** `result` waited as long as it was told, and the job is not finished. */
export class ResultTimeoutError extends QueueError {
  override readonly name = 'ResultTimeoutError'
  readonly code = 'RESULT_TIMEOUT'
}

/** No job of that id is stored: it never was, or it was cleared. */
export class UnknownJobError extends QueueError {
  override readonly name = 'UnknownJobError'
  readonly code = 'JOB_UNKNOWN'

  constructor(id: string) {
    super(`No job ${id}. It was never enqueued here, or it finished and was cleared.`)
  }
}

/** A job is being performed, so it cannot be discarded. */
export class JobClaimedError extends QueueError {
  override readonly name = 'JobClaimedError'
  readonly code = 'JOB_CLAIMED'

  constructor({ id, processId }: StoredJob) {
    super(`Job ${id} is being performed by invocation ${processId}. Cancel it instead, or wait for it to end.`)
  }
}

/** The result type of a task with its own handler, or of a performer. */
type ResultOf<Source> =
  Source extends Performer<string, infer Result>
    ? Awaited<Result>
    : Source extends Task<string, infer _I, infer _P, infer Result, infer _B>
      ? Awaited<Result>
      : unknown

/** An open queue: what enqueues, finds and performs jobs. */
export class Queue implements TransactionalEnqueuer {
  readonly #core: Core
  readonly #nudge: Nudge | null
  readonly #ctx: ExecutionContext | null
  readonly #intake: Intake

  /** Use `defineQueue(…).open(…)`. */
  constructor({
    nudge,
    ctx,
    queues,
    ...core
  }: Omit<Core, 'enqueuer' | 'random'> & {
    nudge: Nudge | null
    ctx: ExecutionContext | null
    queues: ReadonlySet<string> | null
  }) {
    this.#core = { ...core, enqueuer: this, random: Math.random }
    this.#nudge = nudge
    this.#ctx = ctx
    this.#intake = new Intake(core.tasks, queues, core.codec)
  }

  /** The driver of the connection. */
  get driver(): Driver {
    return this.#core.driver
  }

  /**
   * Stores one job, in one round trip.
   *
   * @throws PayloadError when the payload cannot be stored, or the task's schema refuses it
   * @throws ConfigurationError when the task or its queue is not of this definition
   * @throws DatabaseError when the database fails
   */
  async enqueue<Input>(task: Task<string, Input>, ...[payload]: PayloadArguments<Input>): Promise<Enqueued> {
    const [enqueued] = await this.#enqueue([{ task, payload }], single)
    return enqueued as Enqueued
  }

  /**
   * Stores many jobs: of one task, or the calls of several. A batch of up to 1,000 jobs (and 600,000 characters of
   * JSON) is one round trip, stored whole or not at all; more are stored batch by batch, two at a time. All payloads are checked first.
   *
   * @returns in the order given
   * @throws PayloadError naming which one, as `[3].payload.url`; nothing is stored then
   */
  async enqueueAll<Input>(task: Task<string, Input>, payloads: Iterable<NoInfer<Input>>): Promise<Enqueued[]>
  async enqueueAll(calls: Iterable<Call>): Promise<Enqueued[]>
  async enqueueAll(first: unknown, payloads?: Iterable<unknown>): Promise<Enqueued[]> {
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

  in(transaction: Transaction): Enqueuer {
    return new InTransaction(transaction, this.driver.dialect, this.#intake)
  }

  /** The job of that id; null when none is stored. Give a performer, or a task with its own handler, for the result's type. */
  async find<Source extends Task | Performer>(id: string, _typed?: Source): Promise<Job<ResultOf<Source>> | null> {
    const job = await this.findStored(id)
    return job ? ((await this.#decode(job)) as Job<ResultOf<Source>>) : null
  }

  /** The same as it is stored: its result is JSON text, for those who pass it on. */
  async findStored(id: string): Promise<StoredJob | null> {
    const [job] = await this.#find([id])
    return job ?? null
  }

  /**
   * Waits for a job to finish. It looks again and again, so use it where a caller waits anyway.
   *
   * @param timeout default 30 s
   * @returns what its handler returned
   * @throws JobFailedError, JobCancelledError, UnknownJobError, ResultTimeoutError
   */
  async result<Source extends Task | Performer>(
    id: string,
    { timeout = '30s', of }: { timeout?: Duration; of?: Source } = {},
  ): Promise<ResultOf<Source>> {
    const timeoutMs = parseDuration(timeout, 'timeout')
    const end = Date.now() + timeoutMs
    for (let wait = 50; ; wait = Math.min(wait * 1.5, 1000)) {
      const job = await this.find(id, of)
      if (!job) throw new UnknownJobError(id)
      if (job.outcome === 'cancelled') throw new JobCancelledError(id)
      if (job.state === 'finished') return job.result as ResultOf<Source>
      if (job.state === 'failed') {
        const error = job.errors.at(-1)
        throw new JobFailedError(`Job ${id} failed: ${error ? `${error.name}: ${error.message}` : 'no error was kept'}`)
      }
      if (Date.now() + wait > end)
        throw new ResultTimeoutError(`Job ${id} is ${job.state}, ${formatDuration(timeoutMs)} after it was asked for.`)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }

  /** Puts a failed job back to ready, with all its attempts. False: there is no failed job of that id. */
  async retry(id: string): Promise<boolean> {
    const [{ length }] = await runner(this.driver).run(retry(this.driver.dialect, { ids: [uuidOf(id)] }))
    if (length > 0) this.#nudgeLater()
    return length > 0
  }

  /**
   * Puts failed jobs back to ready, with all their attempts. One bounded batch a call: go on with `continuation`.
   *
   * @throws ConfigurationError listing what is wrong with the selection
   * @throws OutcomeUnknownError when the answer was lost: some may have been moved
   */
  async retryAll(selection: JobSelection = {}, options: BulkOptions = {}): Promise<Bulk> {
    const bulk = await this.#moveAll('failed', selection, options, (dialect, ids) => retry(dialect, { ids }))
    if (bulk.count > 0) this.#nudgeLater()
    return bulk
  }

  /** Moves a scheduled job to ready, whenever it is due. False: there is no scheduled job of that id. */
  async runNow(id: string): Promise<boolean> {
    const [{ length }] = await runner(this.driver).run(runNow(this.driver.dialect, { ids: [uuidOf(id)] }))
    if (length > 0) this.#nudgeLater()
    return length > 0
  }

  /** Moves scheduled jobs to ready, whenever they are due. One bounded batch a call, as `retryAll`. */
  async runAllNow(selection: JobSelection = {}, options: BulkOptions = {}): Promise<Bulk> {
    const bulk = await this.#moveAll('scheduled', selection, options, (dialect, ids) => runNow(dialect, { ids }))
    if (bulk.count > 0) this.#nudgeLater()
    return bulk
  }

  /**
   * Stops a job for good. One that waits is finished at once, as cancelled. One that is performed is asked to stop: its
   * `signal` is aborted within 10 s, and whatever becomes of it, it does not run again. Null: there is no such job, or it
   * has ended.
   */
  async cancel(id: string): Promise<Cancelled | null> {
    const { run } = runner(this.driver)
    for (;;) {
      const [done] = await run(cancel(this.driver.dialect, { ids: [uuidOf(id)], state: null }))
      const [how] = done.values()
      if (how) return how
      const job = await this.findStored(id)
      if (!job || job.state === 'finished' || job.state === 'failed') return null
      // It moved from one state to another meanwhile.
    }
  }

  /** Stops jobs of one state for good. One bounded batch a call, as `retryAll`. */
  async cancelAll(
    { state, ...selection }: JobSelection & { state: CancellableState },
    options: BulkOptions = {},
  ): Promise<Bulk> {
    if (!['ready', 'scheduled', 'claimed'].includes(state))
      throw new ConfigurationError('cancelAll()', [`state: "${String(state)}"; use ready, scheduled or claimed`])
    return this.#moveAll(state, selection, options, (dialect, ids) => cancel(dialect, { ids, state }))
  }

  /**
   * Deletes a job that is ready, scheduled or failed. False: there is no such job, or it is finished.
   *
   * @throws JobClaimedError when it is being performed
   */
  async discard(id: string): Promise<boolean> {
    const { run } = runner(this.driver)
    for (;;) {
      const [{ length }] = await run(discard(this.driver.dialect, { ids: [uuidOf(id)], state: null }))
      if (length > 0) return true
      const job = await this.findStored(id)
      if (job?.state === 'claimed') throw new JobClaimedError(job)
      if (!job || job.state === 'finished') return false
      // It moved from one state to another meanwhile.
    }
  }

  /** Deletes jobs of one state. One bounded batch a call, as `retryAll`; what is claimed meanwhile stays. */
  async discardAll(
    { state, ...selection }: JobSelection & { state: UnclaimedState },
    options: BulkOptions = {},
  ): Promise<Bulk> {
    if (!['ready', 'scheduled', 'failed'].includes(state))
      throw new ConfigurationError('discardAll()', [`state: "${String(state)}"; use ready, scheduled or failed`])
    return this.#moveAll(state, selection, options, (dialect, ids) => discard(dialect, { ids, state }))
  }

  /** Deletes the ready jobs of a queue. One bounded batch a call, as `retryAll`. */
  async purge(queue: string, options: BulkOptions = {}): Promise<Bulk> {
    return this.discardAll({ state: 'ready', queue: nameOf(queue) }, options)
  }

  /** Lets nothing more of a queue be claimed, until it is resumed; what is claimed goes on. False: it was paused already. */
  async pause(queue: string): Promise<boolean> {
    const [changed] = await runner(this.driver).run(pause(this.driver.dialect, { queue: nameOf(queue) }))
    return changed
  }

  /** Ends the pause of a queue. False: it was not paused. */
  async resume(queue: string): Promise<boolean> {
    const [changed] = await runner(this.driver).run(resume(this.driver.dialect, { queue: nameOf(queue) }))
    if (changed) this.#nudgeLater()
    return changed
  }

  /** Moves what is due to ready. */
  dispatch(options?: TickOptions): Promise<DispatchReport> {
    return dispatch(this.#core, options)
  }

  /** Claims and performs jobs for a worker; for the first one without a name. */
  work({ worker, ...options }: WorkOptions & { worker?: string } = {}): Promise<WorkReport> {
    return work(this.#core, workerOf(this.#core.settings, worker), options)
  }

  /** Settles the jobs of lost invocations. */
  prune(options?: TickOptions): Promise<PruneReport> {
    return prune(this.#core, options)
  }

  /** Clears jobs past their retention. */
  maintain(options?: TickOptions): Promise<MaintainReport> {
    return maintain(this.#core, options)
  }

  /** One bounded pass of all actors. */
  tick(options?: TickOptions): Promise<CombinedReport> {
    return tick(this.#core, options)
  }

  /**
   * Asks the database whether this code can work on it, in one round trip.
   *
   * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
   */
  async check(): Promise<{ readonly schemaVersion: number }> {
    const { schemaVersion } = await lookAround(this.driver, runner(this.driver).run)
    return { schemaVersion }
  }

  /** Adds a hook. Returns what removes it. What a hook throws is logged, and changes nothing. */
  on<Name extends EventName>(name: Name, hook: Hook<Name>): () => void {
    return this.#core.emitter.on(name, hook)
  }

  /** Asks for a tick now, as after an enqueue. */
  async nudge(): Promise<void> {
    try {
      await this.#nudge?.()
    } catch (error) {
      this.#core.emitter.log('warn', 'The nudge failed; cron will find the work', { error })
    }
  }

  /** Gives back what the driver opened. */
  close(): Promise<void> {
    return this.driver.close()
  }

  async #enqueue(calls: readonly Call[], place: Place): Promise<Enqueued[]> {
    const jobs = await this.#intake.jobsOf(calls, place)
    const enqueued = await store(this.driver, jobs)
    for (const [index, { taskName, queueName }] of jobs.entries())
      this.#core.emitter.emit('job.enqueued', { ...(enqueued[index] as Enqueued), taskName, queueName })
    if (enqueued.some(({ state }) => state === 'ready')) this.#nudgeLater()
    return enqueued
  }

  async #moveAll(state: MovableState, selection: JobSelection, options: BulkOptions, move: Move): Promise<Bulk> {
    return moveSelected(runner(this.driver), readSelection(this.driver.dialect, state, selection, options), move)
  }

  #prepare(calls: readonly Call[], place: Place): PreparedAll {
    const jobs = this.#intake.jobsOfNow(calls, place)
    const { dialect } = this.driver
    const statements = [...batches(jobs)].flatMap(([, batch]) => enqueue(dialect, { jobs: batch }).statements)
    return { jobs: jobs.map(({ id }) => ({ id })), statements }
  }

  async #find(ids: readonly string[]): Promise<readonly StoredJob[]> {
    const [jobs] = await runner(this.driver).run(find(this.driver.dialect, { ids: ids.map(uuidOf) }))
    return jobs
  }

  async #decode({ result, resultMeta, ...job }: StoredJob): Promise<Job> {
    return { ...job, result: result === null ? undefined : await this.#core.codec.decode(result, resultMeta) }
  }

  #nudgeLater(): void {
    if (!this.#nudge) return
    const done = this.nudge()
    this.#ctx?.waitUntil(done)
  }
}

/** @throws ConfigurationError when it is no name of a queue */
function nameOf(queue: string): string {
  const problem = queueNameProblem(queue, 'queue')
  if (problem) throw new ConfigurationError('The queue', [problem])
  return queue
}

/** @throws TypeError when it is no UUID */
function uuidOf(id: string): string {
  if (isJobId(id)) return id.toLowerCase()
  throw new TypeError(`${JSON.stringify(id)} is no job id; it is a UUID, as enqueue() returned it.`)
}

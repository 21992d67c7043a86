import type { QueueDefinition } from '../definition.ts'
import type { Driver } from '../dialects/driver.ts'
import { ConfigurationError, QueueError } from '../errors.ts'
import { type Duration, parseDuration } from '../job/duration.ts'
import type { EnqueuerInTransaction, Performer, EnqueueOptions, ResultOf, Task } from '../job/contract.ts'
import type { Transaction } from '../job/prepared.ts'
import type { FoundResult, ResultOptions } from '../job/finding.ts'
import type { JobHandle } from '../job/job.ts'
import type { PerformArgument } from '../performers.ts'
import { Queue, type QueueParts } from '../queue.ts'
import { addWorked, nothingWorked, type Worked } from '../ticks/worked.ts'
import { type EnqueuedJob, Expectation } from './expectation.ts'
import type { PartOf } from './matches.ts'
import { NotPerformedError } from './not-performed-error.ts'
import { givenDatabase, inMemory, type TestDatabase } from './test-database.ts'
import { dispatch, prune, schedule, work } from '../ticks/index.ts'

export interface TestQueueOptions {
  /** The first time of the clock. Default: the present time. */
  readonly now?: Date | undefined
  /**
   * The driver of a database of the test, with the tables of the queue and no jobs; its own clock is not asked, and the
   * queue leaves it open. Default: SQLite in memory, by `node:sqlite`.
   */
  readonly driver?: Driver | undefined
}

/** Expectations beside the payload: options that `using`, or the task, set. */
export interface ExpectOptions extends EnqueueOptions {
  /** How many jobs, exactly; 0: none. Default: one or more. */
  readonly times?: number | undefined
}

/** A `drain()` with this many performings is taken to be endless. */
const tooManyPerformings = 2000

/** `drain()` gave up after 2,000 performings. */
export class EndlessDrainError extends QueueError {
  override readonly name = 'EndlessDrainError'
  readonly code = 'DRAIN_ENDLESS'

  /** @param performed how often each task was performed */
  constructor(performed: ReadonlyMap<string, number>) {
    const tasks = [...performed].toSorted(([, one], [, other]) => other - one)
    const most = tasks.slice(0, 3).map(([taskName, count]) => `"${taskName}" ${count} times`)
    super(
      `drain() stopped after ${tooManyPerformings} performings: ${most.join(', ')}. Jobs that enqueue each other, or run again at once, ` +
        'never come to an end; where so many are meant, use work().',
    )
  }
}

/**
 * Opens a queue for a test, with the tasks, settings and hooks of the definition. Its database is its own SQLite in
 * memory, or that of `driver`, whatever database the definition connects to. Nothing is performed by itself: `drain()` does it. The clock
 * stands still: `advance()` moves it.
 *
 * @example
 * const queue = await testQueue(jobs, { perform: [performDeliver] })
 * await queue.enqueue(deliver, { url }, { runAfter: '1m' })
 * await queue.advance('1m')
 * await queue.drain()
 *
 * @throws ConfigurationError when `now` is an invalid Date, a performer is of no task of the definition, or
 *   `node:sqlite` does not work here and no driver is given
 * @throws SchemaError when the database of `driver` has no tables of the queue
 */
export async function testQueue<
  Tasks extends readonly Task[],
  Env,
  const Given extends readonly Performer[] = readonly [],
>(
  jobs: QueueDefinition<Tasks, Env>,
  ...[options]: PerformArgument<Tasks, Given, TestQueueOptions>
): Promise<TestQueue> {
  const clock = new Clock(options?.now ?? new Date())
  const now = () => clock.ms
  const database = options?.driver ? await givenDatabase(options.driver, now) : await inMemory(now)
  const parts = jobs['~parts'](database, { perform: options?.perform })
  const queue = new TestQueue(parts, database, clock)
  // Recurring tasks occur from here on, as after the first tick of a deployment.
  if (parts.deployment.tasks.length > 0) await schedule(queue)
  return queue
}

/** A clock that stands still. */
class Clock {
  ms: number

  /** @throws ConfigurationError when `now` is an invalid Date */
  constructor(now: Date) {
    this.ms = now.getTime()
    if (Number.isNaN(this.ms))
      throw new ConfigurationError('testQueue()', [{ path: 'now', message: 'an invalid Date' }])
  }
}

/** A whole queue, with the methods of a test. Use `testQueue()`. */
export class TestQueue extends Queue {
  readonly #parts: QueueParts
  readonly #database: TestDatabase
  readonly #clock: Clock

  constructor(parts: QueueParts, database: TestDatabase, clock: Clock) {
    // Without jitter, a backoff waits exactly as long as it says.
    super({ ...parts, now: () => clock.ms, random: () => 0 })
    this.#parts = parts
    this.#database = database
    this.#clock = clock
  }

  /**
   * The time of the clock. It decides which jobs are due, how long a backoff or a lease lasts, and every instant of a
   * job.
   */
  get now(): Date {
    return new Date(this.#clock.ms)
  }

  /**
   * Moves the clock forward. Jobs that come due are performed by the next `drain()`; occurrences of recurring tasks are
   * enqueued by `schedule()`.
   *
   * @throws ConfigurationError when `by` is no duration
   */
  async advance(by: Duration): Promise<void> {
    this.#clock.ms += parseDuration(by, 'advance()')
  }

  /**
   * Dispatches and performs until nothing is ready or due, whatever the outcomes. Jobs that are enqueued meanwhile are
   * performed, too. A job that waits, for its backoff perhaps, stays scheduled; a job whose queue is paused stays ready.
   * Jobs of lost invocations are settled. Nothing is cleared: `tick()` and `maintain()` do that.
   *
   * @returns the outcomes of the jobs. A failed job is counted, and throws nothing
   * @throws EndlessDrainError after 2,000 performings
   */
  async drain(): Promise<Worked> {
    const worked = nothingWorked()
    const performed = new Map<string, number>()
    const tooMany = new AbortController()
    let count = 0
    const stopCounting = this.on('job.started', ({ task: taskName }) => {
      performed.set(taskName, (performed.get(taskName) ?? 0) + 1)
      count += 1
      if (count === tooManyPerformings) tooMany.abort()
    })
    try {
      for (;;) {
        const { pruned } = await prune(this)
        const { dispatched } = await dispatch(this)
        let claimed = 0
        for (const worker of this.#parts.settings.workers.keys()) {
          const report = await work(this, { worker, signal: tooMany.signal })
          claimed += report.claimed
          addWorked(worked, report)
        }
        if (tooMany.signal.aborted) throw new EndlessDrainError(performed)
        if (pruned + dispatched + claimed === 0) return worked
      }
    } finally {
      stopCounting()
    }
  }

  /**
   * The value that the job's handler returned. It does not wait: `drain()` first.
   *
   * @throws NotPerformedError when the job has not ended; JobFailedError, JobCancelledError, JobSkippedError,
   *   UnknownJobError
   */
  override async result<
    Of extends Task | Performer = never,
    const Found extends JobHandle | string = JobHandle | string,
  >(job: Found, options: ResultOptions<Of> = {}): Promise<FoundResult<Found, Of>> {
    const found = await this.find(job)
    if (found && found.state !== 'finished' && found.state !== 'failed') throw new NotPerformedError(found, this.now)
    return super.result<Of, Found>(job, options)
  }

  /** The stored jobs of a task, in the order in which they were enqueued, in any state. */
  async enqueued<Input, Result>(
    task: Task<string, Input, unknown, Result>,
  ): Promise<EnqueuedJob<Input, ResultOf<Result>>[]> {
    const { jobs } = await this.#read(this.#nameOf(task))
    return jobs as EnqueuedJob<Input, ResultOf<Result>>[]
  }

  /**
   * Expects that a job of the task was enqueued, whatever its state is now.
   *
   * @param payload part of its payload. An object matches when each of its keys does, and a missing key is undefined;
   *   arrays, Maps and Sets match item by item, in order and of one length; models by their ids; all other values when
   *   they are the same. Matchers such as `expect.any(String)` may stand anywhere. Undefined: any payload
   * @throws AssertionError, of `node:assert`, that names the jobs that were enqueued instead
   */
  async expectEnqueued<Input>(
    task: Task<string, Input>,
    payload?: PartOf<NoInfer<Input>>,
    { times, ...set }: ExpectOptions = {},
  ): Promise<void> {
    if (times !== undefined && !(Number.isInteger(times) && times >= 0))
      throw new ConfigurationError('expectEnqueued()', [
        { path: 'times', message: `${String(times)}; use a whole number from 0` },
      ])
    const taskName = this.#nameOf(task)
    const expectation = new Expectation(taskName, { payload, ...task.using(set)['~'].set }, times ?? null)
    await this.#check(taskName, expectation, this.expectEnqueued)
  }

  /** Expects that no job was enqueued, of the task or at all. @throws AssertionError that names the jobs that were */
  async expectNothingEnqueued(task?: Task): Promise<void> {
    const taskName = task ? this.#nameOf(task) : null
    await this.#check(taskName, new Expectation(taskName, {}, 0), this.expectNothingEnqueued)
  }

  /**
   * Enqueues in a transaction of the database of `driver`. On SQLite in memory it enqueues at once: the transaction is
   * one of another database, so its commit or rollback has no effect here.
   */
  override in(transaction: Transaction): EnqueuerInTransaction {
    if (this.#database.isGiven) return super.in(transaction)
    return super.in({
      query: async (sql, parameters) => {
        const [answer] = await this.driver.batch([{ sql, parameters }])
        return { rows: answer?.rows ?? [] }
      },
    })
  }

  async #check(
    taskName: string | null,
    expectation: Expectation,
    asserting: (...args: never) => unknown,
  ): Promise<void> {
    const { jobs, otherTasks } = await this.#read(taskName)
    const wrong = expectation.check(jobs, otherTasks, { codec: this.#parts.codec, asserting })
    if (wrong) throw wrong
  }

  /** The jobs of a task, or of all, and the task of every other job. */
  async #read(taskName: string | null): Promise<{ jobs: EnqueuedJob[]; otherTasks: string[] }> {
    const [answer] = await this.driver.batch([{ sql: this.#database.inOrder, parameters: [] }])
    const rows = (answer?.rows ?? []) as unknown as readonly StoredPayload[]
    const isMeant = (row: StoredPayload) => taskName === null || row.task_name === taskName
    const found = await Promise.all(
      rows.filter(isMeant).map(async ({ id, payload, payload_meta: meta }) => {
        const job = await this.find(id)
        return job ? [{ ...job, payload: await this.#parts.codec.decode(payload, meta) }] : []
      }),
    )
    return { jobs: found.flat(), otherTasks: rows.filter((row) => !isMeant(row)).map((row) => row.task_name) }
  }

  /** @throws ConfigurationError when the task is not of this queue */
  #nameOf({ name }: Task): string {
    if (this.#parts.tasks.has(name)) return name
    throw new ConfigurationError(`Task "${name}"`, [
      { path: '', message: 'it is not in the `tasks` of this queue; add it there' },
    ])
  }
}

interface StoredPayload {
  readonly id: string
  readonly task_name: string
  readonly payload: string
  readonly payload_meta: string | null
}

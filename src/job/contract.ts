import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Concurrency, OnConflict } from './concurrency.ts'
import type { Duration } from './duration.ts'
import type { Enqueued, Skipped } from './enqueued.ts'
import type { GivenDefaults } from './task-defaults.ts'
import type { Prepared, PreparedAll, Transaction } from './prepared.ts'

// These types need one another: a task may carry its handler, a handler is given an enqueuer, and an enqueuer takes
// tasks.

/** Options of a single job, the argument after its payload. What is left out, or undefined, is the task's. */
export interface EnqueueOptions {
  readonly queue?: string | undefined
  /** A whole number from −100 to 100; larger runs first. */
  readonly priority?: number | undefined
  /** When the job is due: an instant, or a duration from now. An instant in the past means now. Default: now. */
  readonly runAfter?: Date | Duration | undefined
  /**
   * A UUID of your own: a job of this id is stored once, however often you enqueue it. `idOf()` makes one of a text, and
   * inside a handler `childId()` one that is the same each time the job runs. Default: a new one.
   */
  readonly id?: string | undefined
}

/** Stands for the result of a task that has no handler of its own: its performer knows it. */
export interface Elsewhere {
  readonly '~elsewhere': never
}

/**
 * A name, an input schema, and options. Pure: safe in any bundle.
 *
 * `Input` is what `enqueue` takes, undefined where the task takes no payload; `Payload` is what the handler gets;
 * `Result` is what `run` returns, `Elsewhere` without one; `Conflict` is `skip` where jobs may be skipped.
 */
export interface Task<
  Name extends string = string,
  Input = unknown,
  Payload = unknown,
  Result = unknown,
  Conflict extends OnConflict = OnConflict,
> {
  readonly name: Name
  /** For `steadytick` itself. */
  readonly '~': TaskParts<Input, Result, Conflict>

  /**
   * Gives the task its handler. Give the performer to the ticks; import it only where jobs are performed.
   *
   * @throws ConfigurationError when the handler is no function
   */
  perform<R>(handler: Handler<Payload, R>): Performer<Name, R>
  /**
   * The same task with other options for the jobs enqueued through it.
   *
   * @throws ConfigurationError listing what is wrong
   */
  using(options: EnqueueOptions): Task<Name, Input, Payload, Result, Conflict>
  /**
   * A call of the task, for an `enqueueAll` of different tasks. Its options are those of `using`.
   */
  call(...payload: PayloadArguments<Input>): Call<Conflict>
}

/** The parts of a task, checked. */
export interface TaskParts<Input = unknown, Result = unknown, Conflict extends OnConflict = OnConflict> {
  /** The options that the task was defined with; the others are those of the queue's `defaults`. */
  readonly own: GivenDefaults
  readonly onLost: 'retry' | 'fail'
  /** Null: any payload that can be stored, or none. */
  readonly schema: StandardSchemaV1 | null
  /** Whether there is a payload: the task has a schema, or its handler or its key a parameter. */
  readonly takesPayload: boolean
  /** The handler of a task that carries its own; null: a performer has it. */
  readonly run: Handler<never, Result> | null
  /** Null: any number of its jobs may be performed at once. */
  readonly concurrency: Concurrency | null
  /** The options that `using` set. */
  readonly set: EnqueueOptions
  /** For types only. */
  readonly types?: { readonly input: Input; readonly conflict: Conflict }
}

/** The payload may be left out where the task takes none. */
export type PayloadArguments<Input> = undefined extends Input ? [payload?: NoInfer<Input>] : [payload: NoInfer<Input>]

/** The payload, and the options of the job. */
export type EnqueueArguments<Input> = undefined extends Input
  ? [payload?: NoInfer<Input>, options?: EnqueueOptions | undefined]
  : [payload: NoInfer<Input>, options?: EnqueueOptions | undefined]

/** A task and a payload, not stored yet. */
export interface Call<Conflict extends OnConflict = OnConflict> {
  readonly task: Task<string, unknown, unknown, unknown, Conflict>
  readonly payload: unknown
}

/** The second argument of a handler. */
export interface PerformContext {
  /**
   * Aborted when the job times out or is cancelled, its invocation is about to end, or its lease was lost. Hand it to
   * fetch().
   */
  readonly signal: AbortSignal
  readonly job: {
    /** The idempotency key: the same in each attempt. */
    readonly id: string
    readonly task: string
    readonly queue: string
    readonly priority: number
    readonly enqueuedAt: Date
    readonly scheduledAt: Date
  }
  /** Which performing this is, from 1. One that was lost is repeated under its number. */
  readonly attempt: number
  readonly maxAttempts: number
  /**
   * Reports progress; `find` shows the last report. A first report is written at once, and later ones each second at
   * most, for all jobs of the invocation together: a call costs no round trip. The last one is written with the job's
   * end.
   *
   * @throws PayloadError when the value cannot be stored
   */
  progress(value: unknown): void
  /** Enqueues more jobs. */
  readonly queue: TransactionalEnqueuer
  /**
   * An id for a job that this one enqueues: the same for the same key each time this job runs, so the job is stored
   * once.
   */
  childId(key: string): Promise<string>
}

export type Handler<Payload, Result> = (payload: Payload, context: PerformContext) => Result | Promise<Result>

/** A task's handler, with the task's name. */
export interface Performer<Name extends string = string, Result = unknown> {
  readonly task: Name
  readonly handler: Handler<never, Result>
}

/** Enqueues jobs: a queue, or a queue in a transaction. */
export interface Enqueuer {
  enqueue<Input, Result, Conflict extends OnConflict>(
    task: Task<string, Input, unknown, Result, Conflict>,
    ...args: EnqueueArguments<Input>
  ): Promise<EnqueuedOf<Result, Conflict>>
  enqueueAll<Input, Result, Conflict extends OnConflict>(
    task: Task<string, Input, unknown, Result, Conflict>,
    payloads: Iterable<NoInfer<Input>>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedOf<Result, Conflict>[]>
  enqueueAll<Conflict extends OnConflict>(calls: Iterable<Call<Conflict>>): Promise<EnqueuedOf<unknown, Conflict>[]>
}

/** An enqueuer that can take part in the application's own writes. */
export interface TransactionalEnqueuer extends Enqueuer {
  /**
   * Makes the statements that store one job. Send them with your own writes in one batch: the job exists if and only if
   * the writes do. `prepare` sends nothing itself, calls no hook, and does not nudge: call `nudge()` once the batch is
   * committed.
   *
   * An id of your own (`{ id }`) that is stored already fails the batch. A limited job is scheduled for now; the
   * next tick places it.
   *
   * @throws PayloadError when the payload cannot be stored, or the task's schema refuses it
   * @throws ConfigurationError when the task or its queue is not of this definition, or its schema is asynchronous
   */
  prepare<Input, Result>(
    task: Task<string, Input, unknown, Result>,
    ...args: EnqueueArguments<Input>
  ): Prepared<ResultOf<Result>>
  /** The same for many jobs: of one task, or the calls of several. */
  prepareAll<Input, Result>(
    task: Task<string, Input, unknown, Result>,
    payloads: Iterable<NoInfer<Input>>,
    options?: EnqueueOptions,
  ): PreparedAll<ResultOf<Result>>
  prepareAll(calls: Iterable<Call>): PreparedAll
  /**
   * Enqueues within a transaction of yours: the jobs exist if and only if it commits. A failure is your database
   * library's own error, and nothing is sent again: repeat the transaction yourself. No hook is called, and nothing is
   * nudged: call `nudge()` after the commit. A limited job is scheduled for now, so that the lock of its key is not
   * held until the commit; the next tick places it.
   *
   * @param transaction a client of `pg` in a transaction, or the result of an adapter of `steadytick/transactions`. It
   *   must be one of the database that the queue is in
   */
  in(transaction: Transaction): EnqueuerInTransaction
}

/** Enqueues in a transaction. No job is skipped there, since none is placed before the commit. */
export interface EnqueuerInTransaction {
  enqueue<Input, Result>(
    task: Task<string, Input, unknown, Result>,
    ...args: EnqueueArguments<Input>
  ): Promise<Enqueued<ResultOf<Result>>>
  enqueueAll<Input, Result>(
    task: Task<string, Input, unknown, Result>,
    payloads: Iterable<NoInfer<Input>>,
    options?: EnqueueOptions,
  ): Promise<Enqueued<ResultOf<Result>>[]>
  enqueueAll(calls: Iterable<Call>): Promise<Enqueued[]>
}

/** Whether two types are the same. `any` and `never` are like no other. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false

/** Whether a task has no handler of its own, by its `Result`. */
export type IsElsewhere<Result> = Same<Result, Elsewhere>

/** The result of a task's job, by the task's `Result`: unknown where a performer knows it. */
export type ResultOf<Result> = IsElsewhere<Result> extends true ? unknown : Awaited<Result>

/** The answer of `enqueue`. Jobs may be skipped only if their task has `onConflict: 'skip'`. */
export type EnqueuedOf<Result, Conflict extends OnConflict> =
  | Enqueued<ResultOf<Result>>
  | (Conflict extends 'skip' ? Skipped : never)

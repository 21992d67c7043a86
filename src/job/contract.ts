import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Backoff } from './backoff.ts'
import type { Concurrency } from './concurrency.ts'
import type { Duration } from './duration.ts'
import type { Enqueued, EnqueuedOr } from './enqueued.ts'
import type { Prepared, PreparedAll, Transaction } from './prepared.ts'

// These types need one another: a task may carry its handler, a handler is given an enqueuer, and an enqueuer takes
// tasks.

/** Options of a single call. */
export interface Using {
  readonly queue?: string
  readonly priority?: number
  /** When the job is due: an instant, or a duration from now. An instant in the past means now. */
  readonly runAfter?: Date | Duration
  /**
   * A UUID of your own: a job of this id is stored once, however often you enqueue it. `idOf()` makes one of a text, and
   * inside a handler `childId()` one that is the same each time the job runs.
   */
  readonly id?: string
}

/** A name, an input schema, and options. Pure: safe in any bundle. */
export interface Task<
  Name extends string = string,
  Input = unknown,
  Payload = unknown,
  Result = unknown,
  Inline extends boolean = boolean,
  Skips extends boolean = boolean,
> {
  readonly name: Name
  readonly queue: string
  readonly priority: number
  readonly maxAttempts: number
  readonly backoff: Backoff
  /** Null: none. */
  readonly timeoutMs: number | null
  readonly onLost: 'retry' | 'fail'
  /** Null: any payload that can be stored. */
  readonly schema: StandardSchemaV1 | null
  /** The handler of a task that carries its own; null: a performer has it. */
  readonly run: Handler<never, Result> | null
  /** Null: any number of its jobs may be performed at once. */
  readonly concurrency: Concurrency | null
  /** Whether its jobs may be skipped: `onConflict: 'skip'`. */
  readonly skips: Skips
  /** For types only. */
  readonly '~types'?: { readonly input: Input; readonly payload: Payload }
  readonly inline: Inline
  /** The options that `using` set. */
  readonly set: Using

  /** Gives the task its handler. Give the performer to the ticks; import it only where jobs are performed. */
  perform<R>(handler: Handler<Payload, R>): Performer<Name, R>
  /**
   * The same task with other settings for the jobs enqueued through it.
   *
   * @throws ConfigurationError listing what is wrong
   */
  using(set: Using): Task<Name, Input, Payload, Result, Inline, Skips>
  /** A call of the task, for an `enqueueAll` of different tasks. */
  call(...payload: PayloadArguments<Input>): Call<Skips>
}

/** The payload may be left out where the task takes none. */
export type PayloadArguments<Input> = undefined extends Input ? [payload?: Input] : [payload: Input]

/** A task and a payload, not stored yet. */
export interface Call<Skips extends boolean = boolean> {
  readonly task: Task<string, unknown, unknown, unknown, boolean, Skips>
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
    readonly taskName: string
    readonly queueName: string
    readonly priority: number
    readonly enqueuedAt: Date
    readonly scheduledAt: Date
  }
  /** Which performing this is, from 1. */
  readonly attempt: number
  readonly maxAttempts: number
  /**
   * Reports progress; `find` shows the last report. It is written with the job's end, and about each 10 seconds before.
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
  readonly taskName: Name
  readonly handler: Handler<never, Result>
}

/** Enqueues jobs: a queue, or a queue in a transaction. */
export interface Enqueuer {
  enqueue<Input, Skips extends boolean>(
    task: Task<string, Input, unknown, unknown, boolean, Skips>,
    ...payload: PayloadArguments<Input>
  ): Promise<EnqueuedOr<Skips>>
  enqueueAll<Input, Skips extends boolean>(
    task: Task<string, Input, unknown, unknown, boolean, Skips>,
    payloads: Iterable<NoInfer<Input>>,
  ): Promise<EnqueuedOr<Skips>[]>
  enqueueAll<Skips extends boolean>(calls: Iterable<Call<Skips>>): Promise<EnqueuedOr<Skips>[]>
}

/** An enqueuer that can take part in the application's own writes. */
export interface TransactionalEnqueuer extends Enqueuer {
  /**
   * Makes the statements that store one job. Send them with your own writes in one batch: the job exists if and only if
   * the writes do. `prepare` sends nothing itself, calls no hook, and does not nudge: call `nudge()` once the batch is
   * committed.
   *
   * An id of your own (`using({ id })`) that is stored already fails the batch. A limited job is scheduled for now; the
   * next tick places it.
   *
   * @throws PayloadError when the payload cannot be stored, or the task's schema refuses it
   * @throws ConfigurationError when the task or its queue is not of this definition, or its schema is asynchronous
   */
  prepare<Input>(task: Task<string, Input>, ...payload: PayloadArguments<Input>): Prepared
  /** The same for many jobs: of one task, or the calls of several. */
  prepareAll<Input>(task: Task<string, Input>, payloads: Iterable<NoInfer<Input>>): PreparedAll
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
  enqueue<Input>(task: Task<string, Input>, ...payload: PayloadArguments<Input>): Promise<Enqueued>
  enqueueAll<Input>(task: Task<string, Input>, payloads: Iterable<NoInfer<Input>>): Promise<Enqueued[]>
  enqueueAll(calls: Iterable<Call>): Promise<Enqueued[]>
}

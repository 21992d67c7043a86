import type { JobState } from './job.ts'
import type { Call, PayloadArguments, Task } from './task.ts'

/** What enqueues: a queue, or a queue in a transaction. */
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

/** What became of an enqueued job. An id of your own that was stored before: where that job is now. */
export interface Enqueued {
  readonly id: string
  readonly state: JobState
}

/** Nothing was stored: the key of the job was full, and its task says `onConflict: 'skip'`. */
export interface Skipped {
  readonly id: null
  readonly outcome: 'skipped'
  /** The jobs that hold the key, ten at most. */
  readonly heldBy: readonly string[]
}

/** Only the jobs of tasks that say so may be skipped. */
export type EnqueuedOr<Skips extends boolean> = Enqueued | (Skips extends true ? Skipped : never)

/** What enqueues in a transaction: no job is skipped there, since none is placed before the commit. */
export interface TransactionEnqueuer {
  enqueue<Input>(task: Task<string, Input>, ...payload: PayloadArguments<Input>): Promise<Enqueued>
  enqueueAll<Input>(task: Task<string, Input>, payloads: Iterable<NoInfer<Input>>): Promise<Enqueued[]>
  enqueueAll(calls: Iterable<Call>): Promise<Enqueued[]>
}

/** An enqueuer that can take part in what the application writes. */
export interface TransactionalEnqueuer extends Enqueuer {
  /**
   * What stores one job, to be sent with writes of your own in one batch: the job exists if and only if they do. Sends
   * nothing itself, tells no hook, and does not nudge: call `nudge()` once the batch is committed.
   *
   * An id of your own (`using({ id })`) that is stored already fails the batch. A job that is limited is scheduled for now;
   * the next tick places it.
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
   * library's own error, and nothing is sent again: that is for whoever repeats the transaction. No hook is told, and
   * nothing is nudged: call `nudge()` after the commit. A job that is limited is scheduled for now, so that the lock of its
   * key is not held until then; the next tick places it.
   *
   * @param transaction a client of `pg` in a transaction, or what an adapter of `steadytick/transactions` makes. It must
   *   be one of the database that the queue is in
   */
  in(transaction: Transaction): TransactionEnqueuer
}

/** A job, and the statements that store it. */
export interface Prepared {
  readonly job: { readonly id: string }
  /** To be sent in this order. `$1` (Postgres) or `?` (SQLite, D1) stand for the parameters. */
  readonly statements: readonly PreparedStatement[]
}

/** Jobs, in the order given, and the statements that store them. */
export interface PreparedAll {
  readonly jobs: readonly { readonly id: string }[]
  readonly statements: readonly PreparedStatement[]
}

export interface PreparedStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** What runs a statement in a transaction of the application's. A client of `pg` is one as it is. */
export interface Transaction {
  query(sql: string, parameters: unknown[]): Promise<{ readonly rows: readonly object[] }>
}

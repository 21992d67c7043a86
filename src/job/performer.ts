import type { TransactionalEnqueuer } from './enqueuer.ts'

/** What a handler is given besides its payload. */
export interface PerformContext {
  /** Aborted when the job times out or is cancelled, its invocation is about to end, or its lease was lost. Hand it to fetch(). */
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
   * Reports how far it is; `find` shows the last report. Written with the job's end, and about each 10 seconds before.
   *
   * @throws PayloadError when the value cannot be stored
   */
  progress(value: unknown): void
  /** Enqueues more jobs. */
  readonly queue: TransactionalEnqueuer
  /** An id for a job that this one enqueues: the same for the same key each time this job runs, so it is stored once. */
  childId(key: string): Promise<string>
}

export type Handler<Payload, Result> = (payload: Payload, context: PerformContext) => Result | Promise<Result>

/** How a task is done. */
export interface Performer<Name extends string = string, Result = unknown> {
  readonly taskName: Name
  readonly handler: Handler<never, Result>
}

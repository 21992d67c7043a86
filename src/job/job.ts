/** The state of a job. A job has exactly one at any time. */
export type JobState = 'scheduled' | 'ready' | 'blocked' | 'claimed' | 'finished' | 'failed'

/** One failed performing. */
export interface JobError {
  readonly name: string
  readonly message: string
  /** Null where there is none, as when the invocation was lost. */
  readonly stack: string | null
  /** Which performing it was, from 1. A performing that was lost is repeated under its number. */
  readonly attempt: number
  readonly at: Date
}

/** A job by its id; the type says what its handler returns. `find` and `result` take it. */
export interface JobHandle<Result = unknown> {
  readonly id: string
  /** For types only. */
  readonly '~result'?: Result
}

/** One stored call of a task. */
export interface Job<Result = unknown> extends JobHandle<Result> {
  /** UUIDv7, unless you gave one of your own. Use it as the idempotency key of the handler's effects. */
  readonly id: string
  readonly task: string
  readonly queue: string
  /** −100 … 100, larger runs first. */
  readonly priority: number
  readonly state: JobState
  /** How a finished job ended; null before. */
  readonly outcome: 'succeeded' | 'cancelled' | 'skipped' | null
  /** As plain JSON: a Date is its text here. `{ unreadable }` where another program stored a text that is no JSON. */
  readonly payload: unknown
  /** The handler's result; undefined until the job succeeded. */
  readonly result: Result | undefined
  /** The handler's last report; null when there is none. */
  readonly progress: unknown
  /** How many performings ended: succeeded, failed, or cut off after a whole invocation. Lost ones are not counted. */
  readonly attempts: number
  readonly maxAttempts: number
  /** How many times a whole invocation was too short for the job. */
  readonly releases: number
  /** How many invocations were lost while they performed the job. After the third one it fails. */
  readonly losses: number
  /** The last ten failed performings, newest last. */
  readonly errors: readonly JobError[]
  readonly enqueuedAt: Date
  /** When the job is, or was, due. */
  readonly scheduledAt: Date
  /** When the current performing began, or else the last one that ended; null before the first. */
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /**
   * When a person last retried the failed job, which gave it all its attempts again: the errors until then are of
   * attempts before. Null: never.
   */
  readonly retriedAt: Date | null
  /** The key whose jobs share a limit with this one: group or task, `/`, and key; null: the job is not limited. */
  readonly concurrencyKey: string | null
  /** The recurring task that enqueued the job, and for which occurrence; null: no recurring task did. */
  readonly recurring: { readonly key: string; readonly runAt: Date } | null
  /** The invocation that performs it; null unless claimed. */
  readonly invocationId: string | null
}

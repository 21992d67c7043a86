/** Where a job is. Exactly one holds at any time. */
export type JobState = 'scheduled' | 'ready' | 'blocked' | 'claimed' | 'finished' | 'failed'

/** One failed performing. */
export interface JobError {
  readonly name: string
  readonly message: string
  /** Null where there is none, as when the invocation was lost. */
  readonly stack: string | null
  /** Which performing it was, from 1. */
  readonly attempt: number
  readonly at: Date
}

/** One stored call of a task. */
export interface Job<Result = unknown> {
  /** UUIDv7, unless you gave one of your own. Use it as the idempotency key of what the handler does. */
  readonly id: string
  readonly taskName: string
  readonly queueName: string
  /** −100 … 100, larger runs first. */
  readonly priority: number
  readonly state: JobState
  /** How a finished job ended; null before. */
  readonly outcome: 'succeeded' | 'cancelled' | 'skipped' | null
  /** As plain JSON: a Date is its text here. `{ unreadable }` where another program stored what is no JSON. */
  readonly payload: unknown
  /** What the handler returned; undefined until it succeeded. */
  readonly result: Result | undefined
  /** What the handler last reported; null when nothing. */
  readonly progress: unknown
  /** Performings that ended: succeeded, failed, pruned, or cut off after a whole invocation. */
  readonly attempts: number
  readonly maxAttempts: number
  /** Times a whole invocation was too short for it. */
  readonly releases: number
  /** The failed performings, newest last, the last ten. */
  readonly errors: readonly JobError[]
  readonly enqueuedAt: Date
  /** When it is, or was, due. */
  readonly scheduledAt: Date
  /** When the performing under way began, else the last one that ended; null before the first. */
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Which jobs it shares a limit with: group or task, `/`, and key; null: it is not limited. */
  readonly concurrencyKey: string | null
  /** The recurring task that enqueued it, and for which occurrence; null: none did. */
  readonly recurring: { readonly key: string; readonly runAt: Date } | null
  /** The invocation that performs it; null unless claimed. */
  readonly processId: string | null
}

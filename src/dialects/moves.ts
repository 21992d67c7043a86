import type { Query, Statement } from './query.ts'

/** Binds values to a query of the dialect that is in use. */
export type Bind = <P extends object>(query: Query<P>, values: P) => Statement

/** A job as it is stored. */
export interface NewJob {
  readonly id: string
  readonly queueName: string
  readonly taskName: string
  /** JSON text. */
  readonly payload: string
  /** JSON text; null for plain JSON. */
  readonly payloadMeta: string | null
  readonly priority: number
  readonly maxAttempts: number
  readonly onLost: 'retry' | 'fail'
  /** When it is due, in milliseconds since 1970; null: `delayMs` says it. In the past: due now. */
  readonly runAtMs: number | null
  /** How long from now until it is due; 0: now. Counted by the database's clock. */
  readonly delayMs: number
}

export interface ClaimInput {
  /** The invocation that claims. */
  readonly processId: string
  /** Which claim of that invocation this is. Sent again, it claims nothing more and answers the same jobs. */
  readonly claim: number
  /** Whether the invocation has no process row yet: this claim makes one, if `maxInvocations` allows. */
  readonly first: boolean
  readonly worker: string
  /** What the invocation calls itself, such as `host:pid`: errors name it. */
  readonly name: string
  readonly leaseMs: number
  readonly maxInvocations: number
  readonly max: number
  readonly queues: QueueSelection
}

/** In the order of preference. `names`: exact ones only, which is the cheapest. */
export type QueueSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | {
      readonly kind: 'patterns'
      readonly patterns: readonly { readonly text: string; readonly prefix: boolean }[]
    }

/** How one performing ended. */
export interface Ending {
  readonly id: string
  readonly claim: number
  readonly kind: 'succeeded' | 'retried' | 'failed' | 'released' | 'cancelled'
  /** JSON text; null unless it succeeded with a value. */
  readonly result: string | null
  readonly resultMeta: string | null
  /** JSON text; null when the handler reported nothing new. */
  readonly progress: string | null
  /** JSON text of `{ name, message, stack, attempt }`; null unless it failed. */
  readonly error: string | null
  /** What failures of the same cause share; null unless it failed. */
  readonly fingerprint: string | null
  /** How long until a retried job is due. */
  readonly delayMs: number
  /** Whether this performing counts as an attempt. */
  readonly spent: boolean
  /** Whether a released job had a whole invocation's time. */
  readonly whole: boolean
}

/** Where a job is that nobody performs, and that is not done. */
export type UnclaimedState = 'ready' | 'scheduled' | 'failed'

/** Where a job is that runs no more. */
export type EndedState = 'finished' | 'failed'

/** Where a job is that has not ended. */
export type CancellableState = 'ready' | 'scheduled' | 'claimed'

/**
 * What SQL forces apart: the state moves, as each dialect does them. Each gives the statements of one move, to be sent
 * in one batch; the rows (or the affected count) of the last one answer. None reads a result of another.
 */
export interface Moves {
  /** Waits for these keys and marks them with the batch that holds them. None: the database's writer lock is enough. */
  lock(bind: Bind, input: { keys: readonly string[]; batch: string }): Statement[]
  /** Answers the ids of the jobs that are not due yet: `job_id`. */
  enqueue(bind: Bind, input: { jobs: readonly NewJob[] }): Statement[]
  /** Answers the claimed jobs. */
  claim(bind: Bind, input: ClaimInput): Statement[]
  /** Answers the jobs that were still this invocation's: `job_id`, and `cancel_requested` (1 or 0). */
  settle(bind: Bind, input: { processId: string; endings: readonly Ending[] }): Statement[]
  /** Writes what handlers reported, for the jobs that are still this invocation's. Answers nothing. */
  progress(bind: Bind, input: { processId: string; reports: readonly { id: string; progress: string }[] }): Statement[]
  /** Affects the jobs dispatched. */
  dispatch(bind: Bind, input: { max: number }): Statement[]
  /** Answers `job_id`, `process_id`, `task_name`, `queue_name` and `kind` ('retried', 'failed' or 'cancelled') of the jobs settled. */
  prune(bind: Bind, input: { max: number; batch: string; fingerprint: string }): Statement[]
  /** Affects the jobs deleted. */
  clear(bind: Bind, input: { state: EndedState; olderThanMs: number; max: number }): Statement[]
  /** Failed → ready, with all their attempts. Answers the jobs moved: `job_id`. */
  retry(bind: Bind, input: { ids: readonly string[] }): Statement[]
  /** Scheduled → ready, due now. Answers the jobs moved: `job_id`. */
  runNow(bind: Bind, input: { ids: readonly string[]; batch: string }): Statement[]
  /**
   * Ready or scheduled → finished, as cancelled; claimed: asks the invocation to. In this state; null: in any of them.
   * Answers `job_id` and `kind` ('cancelled' or 'requested').
   */
  cancel(bind: Bind, input: { ids: readonly string[]; state: CancellableState | null }): Statement[]
  /** Deletes jobs that are in this state; null: in any of them. Answers the jobs deleted: `job_id`. */
  discard(bind: Bind, input: { ids: readonly string[]; state: UnclaimedState | null }): Statement[]
}

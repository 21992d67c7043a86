import type { QueueRange } from '../job/queue-ranges.ts'
import type { Query, Statement } from './query.ts'
import type { Occurrence } from './recorded.ts'

/** Binds values to a query of the dialect that is in use. */
export type Bind = <P extends object>(query: Query<P>, values: P) => Statement

/** Which jobs a job shares a limit with. */
export interface JobConcurrency {
  /** With its namespace, as in `webhooks/a1`. */
  readonly key: string
  /** Jobs of the key that may be ready or claimed at once. */
  readonly limit: number
  /** How long after its claim a job holds its place at most. */
  readonly durationMs: number
  /** What becomes of a job whose key is full. */
  readonly onConflict: 'block' | 'skip'
}

/** A key as a batch holds it, with the limit that a job has asked for; null: it is no concurrency key, but a lock. */
export interface Key {
  readonly key: string
  readonly limit: number | null
  /** The job that asked. */
  readonly jobId: string | null
}

/**
 * The keys that a batch must hold before its statements run; other batches that touch them wait. By name, or of jobs that
 * only the database knows: those that a dispatch, a prune or another move is about to pick.
 */
export type Lock =
  | { readonly of: 'keys'; readonly keys: readonly Key[] }
  /** What `dispatch` picks. */
  | { readonly of: 'due'; readonly max: number }
  /** What `prune` picks. */
  | { readonly of: 'lost'; readonly max: number }
  /** Of these jobs, wherever they are. */
  | { readonly of: 'jobs'; readonly ids: readonly string[] }
  /** Of an invocation's own jobs; its own row first. */
  | { readonly of: 'own'; readonly processId: string; readonly keys: readonly Key[] }

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
  /** Null: it is not limited. */
  readonly concurrency: JobConcurrency | null
  /** When it is due, in milliseconds since 1970; null: `delayMs` says it. In the past: due now. */
  readonly runAtMs: number | null
  /** How long from now until it is due; 0: now. Counted by the database's clock. */
  readonly delayMs: number
  /** The recurring task that enqueues it, and the occurrence, in milliseconds since 1970; null: none does. */
  readonly recurring: { readonly key: string; readonly atMs: number } | null
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

/**
 * In the order of preference. `names`: exact ones only, which is the cheapest. `all`: every queue, in one range of names that
 * is needed only while some queue is paused.
 */
export type QueueSelection =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'all' | 'ranges'; readonly ranges: readonly (QueueRange & { readonly start: string })[] }

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
export type UnclaimedState = 'ready' | 'scheduled' | 'blocked' | 'failed'

/** Where a job is that runs no more. */
export type EndedState = 'finished' | 'failed'

/** Where a job is that has not ended. */
export type CancellableState = 'ready' | 'scheduled' | 'blocked' | 'claimed'

/**
 * What SQL forces apart: the state moves, as each dialect does them. Each gives the statements of one move, to be sent
 * in one batch, behind the lock of its keys; the rows (or the affected count) of the last one answer. None reads a result
 * of another. Where a batch has to be named, its name is `thisBatch`.
 *
 * A limited job holds a permit from ready until it leaves claimed. Every move that takes a permit away gives what came
 * free to the next blocked jobs of its key, by priority, then id.
 */
export interface Moves {
  /** Waits for these keys, and marks them with `thisBatch`. None: the database's writer lock is enough. */
  lock(bind: Bind, locks: readonly Lock[]): Statement[]
  /**
   * Needs no lock: jobs that are limited are scheduled, for now or later, and are for dispatch to place. Answers the jobs
   * that are not ready: `job_id` and `state` ('scheduled').
   */
  enqueue(bind: Bind, input: { jobs: readonly NewJob[] }): Statement[]
  /**
   * Places limited jobs that are due, too. Answers the jobs that are not ready: `job_id`, `state` ('scheduled', 'blocked'
   * or 'skipped': not stored), and `held_by`: JSON text of the ids, ten at most, that hold the key of one that was skipped.
   */
  enqueueLimited(bind: Bind, input: { jobs: readonly NewJob[] }): Statement[]
  /**
   * The same as `enqueue`, but only of jobs whose occurrence is recorded as theirs.
   */
  enqueueRecorded(bind: Bind, input: { jobs: readonly NewJob[]; occurrences: readonly Occurrence[] }): Statement[]
  /** Answers the claimed jobs. */
  claim(bind: Bind, input: ClaimInput): Statement[]
  /**
   * Answers the jobs that were still this invocation's: `job_id`, and `cancel_requested` (1 or 0).
   *
   * @param limited whether one of them has a key
   */
  settle(bind: Bind, input: { processId: string; endings: readonly Ending[]; limited: boolean }): Statement[]
  /** Writes what handlers reported, for the jobs that are still this invocation's. Answers nothing. */
  progress(bind: Bind, input: { processId: string; reports: readonly { id: string; progress: string }[] }): Statement[]
  /** Answers `dispatched`, how many left scheduled, and `skipped`, how many of them are finished as that; or no row: none. */
  dispatch(bind: Bind, input: { max: number }): Statement[]
  /** Answers `job_id`, `process_id`, `task_name`, `queue_name` and `kind` ('retried', 'failed' or 'cancelled') of the jobs settled. */
  prune(bind: Bind, input: { max: number; fingerprint: string }): Statement[]
  /** Affects the jobs deleted. */
  clear(bind: Bind, input: { state: EndedState; olderThanMs: number; max: number }): Statement[]
  /** Affects the records of occurrences deleted: those that were to run longer ago. */
  clearOccurrences(bind: Bind, input: { olderThanMs: number; max: number }): Statement[]
  /** Failed → ready, with all their attempts; blocked where a key is full. Answers the jobs moved: `job_id`. */
  retry(bind: Bind, input: { ids: readonly string[] }): Statement[]
  /** Scheduled → ready, due now; blocked where a key is full. Answers the jobs moved: `job_id`. */
  runNow(bind: Bind, input: { ids: readonly string[] }): Statement[]
  /**
   * Ready, scheduled or blocked → finished, as cancelled; claimed: asks the invocation to. In this state; null: in any of
   * them. Answers `job_id` and `kind` ('cancelled' or 'requested').
   */
  cancel(bind: Bind, input: { ids: readonly string[]; state: CancellableState | null }): Statement[]
  /** Deletes jobs that are in this state; null: in any of them. Answers the jobs deleted: `job_id`. */
  discard(bind: Bind, input: { ids: readonly string[]; state: UnclaimedState | null }): Statement[]
  /**
   * Takes permits away that have expired (their job is claimed, and was so `duration` ago), unblocks what then fits, and
   * deletes the semaphores of these keys that nothing needs. Answers one row: `expired` and `unblocked`.
   */
  mend(bind: Bind, input: { keys: readonly string[] }): Statement[]
}

import type { QueueRange } from '../job/queue-ranges.ts'
import type { Query, Result, ResultsOf, Row, Statement, Steps } from './query.ts'
import type { Occurrence } from './recorded.ts'

/** Binds values to a query of the dialect that is in use. */
export type Bind = <P extends object>(query: Query<P>, values: P) => Statement

/** The concurrency key of a job, and its limit. */
export interface JobConcurrency {
  /** With its namespace, as in `webhooks/a1`. */
  readonly key: string
  /** Jobs of the key that may be ready or claimed at once. */
  readonly limit: number
  /** How long after its claim a job holds its permit at most. */
  readonly durationMs: number
  /** Whether a job waits or is skipped when its key is full. */
  readonly onConflict: 'block' | 'skip'
}

/**
 * A key that a batch holds, with the limit that a job has asked for. `limit` null: a mere lock, not a concurrency key.
 */
export interface Key {
  readonly key: string
  readonly limit: number | null
  /** The job that asked for the limit. */
  readonly jobId: string | null
}

/**
 * The keys that a batch must hold before its statements run; other batches that touch these keys wait. They are named,
 * or they are the keys of jobs that only the database knows: the jobs that a dispatch, a prune or another move is about
 * to pick.
 */
export type Lock =
  | { readonly of: 'keys'; readonly keys: readonly Key[] }
  /** The keys of the jobs that `dispatch` picks. */
  | { readonly of: 'due'; readonly max: number }
  /** The keys of the jobs that `prune` picks. */
  | { readonly of: 'lost'; readonly max: number }
  /** The keys of these jobs, in any state. */
  | { readonly of: 'jobs'; readonly ids: readonly string[] }
  /** The keys of an invocation's own jobs. The row of the invocation is locked before them. */
  | { readonly of: 'own'; readonly invocationId: string; readonly keys: readonly Key[] }

/** A job as it is stored. */
export interface NewJob {
  readonly id: string
  readonly queue: string
  readonly task: string
  /** JSON text. */
  readonly payload: string
  /** JSON text; null for plain JSON. */
  readonly payloadMeta: string | null
  readonly priority: number
  readonly maxAttempts: number
  readonly onLost: 'retry' | 'fail'
  /** Null: the job is not limited. */
  readonly concurrency: JobConcurrency | null
  /** When the job is due, in milliseconds since 1970; in the past: due now. Null: `delayMs` applies. */
  readonly runAtMs: number | null
  /** Milliseconds from now until the job is due, by the database's clock; 0: now. */
  readonly delayMs: number
  /** The recurring task that enqueues the job, and the occurrence, in milliseconds since 1970; null: none. */
  readonly recurring: { readonly key: string; readonly atMs: number } | null
}

export interface ClaimInput {
  /** The invocation that claims. */
  readonly invocationId: string
  /**
   * The number of the claim in its invocation. A claim that is sent again takes nothing more and answers the same jobs.
   */
  readonly claim: number
  /** Whether the invocation has no process row yet: this claim makes one, if `maxInvocations` allows. */
  readonly first: boolean
  readonly worker: string
  /** The invocation's name in errors, such as `host:pid`. */
  readonly name: string
  readonly leaseMs: number
  readonly maxInvocations: number
  readonly max: number
  readonly queues: QueueSelection
}

/**
 * Queues in the order of preference. `names`: exact names only, which is the cheapest. `all`: every queue; its one
 * range of names is needed only while some queue is paused.
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
  /** Shared by failures of the same cause; null unless the performing failed. */
  readonly fingerprint: string | null
  /** Milliseconds until a retried job is due. */
  readonly delayMs: number
  /** Whether this performing counts as an attempt. */
  readonly spent: boolean
  /** Whether a released job had a whole invocation's time. */
  readonly whole: boolean
}

/** The states of an unfinished job that no invocation holds. */
export type UnclaimedState = 'ready' | 'scheduled' | 'blocked' | 'failed'

/** The states of a job that runs no more. */
export type EndedState = 'finished' | 'failed'

/** The states of a job that has not ended. */
export type CancellableState = 'ready' | 'scheduled' | 'blocked' | 'claimed'

/** The state of a job that did not become ready: it waits, or it was not stored because its key was full. */
export type Placed =
  | { readonly state: 'scheduled' | 'blocked' }
  | {
      readonly state: 'skipped'
      /** Jobs that hold the key, ten at most. */
      readonly heldBy: readonly string[]
    }

/** The counts of a dispatch. */
export interface Dispatched {
  /** Jobs that left scheduled. */
  readonly dispatched: number
  /** Jobs among these that were finished as skipped, because their key was full. */
  readonly skipped: number
}

/**
 * A job whose invocation was lost. `retried`: it runs again; `failed`: with `ProcessPrunedError`; `cancelled`: as
 * requested.
 */
export interface PrunedJob {
  readonly id: string
  readonly task: string
  readonly queue: string
  /** The lost invocation. */
  readonly invocationId: string
  readonly kind: 'retried' | 'failed' | 'cancelled'
}

/** `cancelled`: the job is finished as cancelled. `requested`: its invocation is asked to stop the job. */
export type Cancelled = 'cancelled' | 'requested'

/** The counts of a repair. */
export interface Repaired {
  /** Permits whose job was claimed longer ago than its `duration`. */
  readonly expired: number
  readonly unblocked: number
}

/** A state move: the steps to send, and the reading of their results. */
export interface Move<Answer> {
  readonly steps: Steps
  read(results: Readonly<Record<string, Result>>): Answer
}

/** Makes a move: the reading names the steps whose results it needs. */
export const move = <const S extends Steps, Answer>(
  steps: S,
  read: (results: ResultsOf<S>) => Answer,
): Move<Answer> => ({ steps, read })

/** The steps of queries that take the same values, under the names of the queries. */
export const stepsOf = <P extends object, Name extends string>(
  bind: Bind,
  queries: Readonly<Record<Name, Query<P>>>,
  values: P,
): Record<Name, Statement> => {
  const steps: Partial<Record<Name, Statement>> = {}
  for (const name in queries) steps[name] = bind(queries[name], values)
  return steps as Record<Name, Statement>
}

/**
 * The state moves, which each database needs its own SQL for. Each function gives the steps of one move and the reading
 * of their results. The steps are sent in one batch, behind the lock of its keys, and no step reads a result of
 * another. `thisBatch` names the batch where a step needs its name.
 *
 * A limited job holds a permit from ready until it leaves claimed. Every move that takes a permit away gives the free
 * permits to the next blocked jobs of the key, by priority, then id.
 */
export interface Moves {
  /** Waits for these keys, and marks them with `thisBatch`. No statements: the database's writer lock is enough. */
  lock(bind: Bind, locks: readonly Lock[]): Statement[]
  /**
   * Needs no lock: limited jobs are scheduled, for now or later, and a dispatch places them. Answers the jobs that are
   * not ready, by their ids.
   */
  enqueue(bind: Bind, input: { jobs: readonly NewJob[] }): Move<ReadonlyMap<string, Placed>>
  /** Also places limited jobs that are due. Answers the jobs that are not ready, by their ids. */
  enqueueLimited(bind: Bind, input: { jobs: readonly NewJob[] }): Move<ReadonlyMap<string, Placed>>
  /** Like `enqueue`, but only for jobs whose occurrence is recorded with their id. */
  enqueueRecorded(
    bind: Bind,
    input: { jobs: readonly NewJob[]; occurrences: readonly Occurrence[] },
  ): Move<ReadonlyMap<string, Placed>>
  /** Answers the rows of the claimed jobs, of the same shape in all dialects. */
  claim(bind: Bind, input: ClaimInput): Move<readonly Row[]>
  /**
   * Answers the jobs that this invocation still held, by their ids, and whether each was to be cancelled.
   *
   * @param limited whether any of the jobs has a concurrency key
   */
  settle(
    bind: Bind,
    input: { invocationId: string; endings: readonly Ending[]; limited: boolean },
  ): Move<ReadonlyMap<string, boolean>>
  /**
   * Writes the progress that handlers reported, for jobs that this invocation still holds. Null: there is nothing to
   * write.
   */
  progress(
    bind: Bind,
    input: { invocationId: string; reports: readonly { id: string; progress: string }[] },
  ): Statement | null
  dispatch(bind: Bind, input: { max: number }): Move<Dispatched>
  /** Answers the pruned jobs. */
  prune(bind: Bind, input: { max: number; fingerprint: string }): Move<readonly PrunedJob[]>
  /** Answers how many jobs were deleted. */
  clear(bind: Bind, input: { state: EndedState; olderThanMs: number; max: number }): Move<number>
  /** Deletes the records of occurrences that were due longer ago than `olderThanMs`. Answers how many. */
  clearOccurrences(bind: Bind, input: { olderThanMs: number; max: number }): Move<number>
  /** Failed → ready, with all their attempts; blocked where a key is full. Answers the jobs moved. */
  retry(bind: Bind, input: { ids: readonly string[] }): Move<readonly string[]>
  /** Scheduled → ready, due now; blocked where a key is full. Answers the jobs moved. */
  runNow(bind: Bind, input: { ids: readonly string[] }): Move<readonly string[]>
  /**
   * Ready, scheduled or blocked → finished, as cancelled; claimed: asks the invocation to stop the job. `state` null:
   * jobs in any of these states. Answers the outcome of each job, by id.
   */
  cancel(
    bind: Bind,
    input: { ids: readonly string[]; state: CancellableState | null },
  ): Move<ReadonlyMap<string, Cancelled>>
  /** Deletes the jobs that are in this state; null: in any unclaimed state. Answers the jobs deleted. */
  discard(bind: Bind, input: { ids: readonly string[]; state: UnclaimedState | null }): Move<readonly string[]>
  /**
   * Takes expired permits away (the job was claimed `duration` ago, and still is), unblocks the jobs that then fit, and
   * deletes the semaphores of these keys that nothing needs.
   */
  repair(bind: Bind, input: { keys: readonly string[] }): Move<Repaired>
}

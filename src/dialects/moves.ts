import type { QueueRange } from '../job/queue-ranges.ts'
import type { Query, Result, ResultsOf, Row, Statement, Steps } from './query.ts'
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

/** Where a job is that is not ready: it waits, or it was not stored, since its key was full. */
export type Placed =
  | { readonly state: 'scheduled' | 'blocked' }
  | {
      readonly state: 'skipped'
      /** Jobs that hold the key, ten at most. */
      readonly heldBy: readonly string[]
    }

/** What a dispatch did. */
export interface Dispatched {
  /** Jobs that left scheduled. */
  readonly dispatched: number
  /** Those of them that were finished as skipped, since their key was full. */
  readonly skipped: number
}

/** A job whose invocation was lost. `retried`: it runs again; `failed`: with `ProcessPrunedError`; `cancelled`: as was asked. */
export interface PrunedJob {
  readonly id: string
  readonly taskName: string
  readonly queueName: string
  /** The lost invocation. */
  readonly processId: string
  readonly kind: 'retried' | 'failed' | 'cancelled'
}

/** `cancelled`: the job is finished as that. `requested`: its invocation is asked to stop it. */
export type Cancelled = 'cancelled' | 'requested'

/** What repairing did. */
export interface Repaired {
  /** Permits whose job was claimed longer ago than its `duration`. */
  readonly expired: number
  readonly unblocked: number
}

/** A state move: what is sent, and what the results say. */
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
 * What SQL forces apart: the state moves, as each dialect does them. Each gives the steps of one move, to be sent in one
 * batch, behind the lock of its keys, and reads their results. No step reads a result of another. Where a batch has to be
 * named, its name is `thisBatch`.
 *
 * A limited job holds a permit from ready until it leaves claimed. Every move that takes a permit away gives what came
 * free to the next blocked jobs of its key, by priority, then id.
 */
export interface Moves {
  /** Waits for these keys, and marks them with `thisBatch`. None: the database's writer lock is enough. */
  lock(bind: Bind, locks: readonly Lock[]): Statement[]
  /**
   * Needs no lock: jobs that are limited are scheduled, for now or later, and are for dispatch to place. Answers the jobs
   * that are not ready, by their ids.
   */
  enqueue(bind: Bind, input: { jobs: readonly NewJob[] }): Move<ReadonlyMap<string, Placed>>
  /**
   * Places limited jobs that are due, too. Answers the jobs that are not ready, by their ids.
   */
  enqueueLimited(bind: Bind, input: { jobs: readonly NewJob[] }): Move<ReadonlyMap<string, Placed>>
  /**
   * The same as `enqueue`, but only of jobs whose occurrence is recorded as theirs.
   */
  enqueueRecorded(
    bind: Bind,
    input: { jobs: readonly NewJob[]; occurrences: readonly Occurrence[] },
  ): Move<ReadonlyMap<string, Placed>>
  /** Answers the rows of the claimed jobs, alike in all dialects. */
  claim(bind: Bind, input: ClaimInput): Move<readonly Row[]>
  /**
   * Answers the jobs that were still this invocation's, by their ids, and whether each was to be cancelled.
   *
   * @param limited whether one of them has a key
   */
  settle(
    bind: Bind,
    input: { processId: string; endings: readonly Ending[]; limited: boolean },
  ): Move<ReadonlyMap<string, boolean>>
  /** Writes what handlers reported, for the jobs that are still this invocation's. Null: there is nothing to write. */
  progress(
    bind: Bind,
    input: { processId: string; reports: readonly { id: string; progress: string }[] },
  ): Statement | null
  dispatch(bind: Bind, input: { max: number }): Move<Dispatched>
  /** Answers the jobs settled. */
  prune(bind: Bind, input: { max: number; fingerprint: string }): Move<readonly PrunedJob[]>
  /** Answers how many jobs were deleted. */
  clear(bind: Bind, input: { state: EndedState; olderThanMs: number; max: number }): Move<number>
  /** Deletes the records of occurrences that were to run longer ago. Answers how many. */
  clearOccurrences(bind: Bind, input: { olderThanMs: number; max: number }): Move<number>
  /** Failed → ready, with all their attempts; blocked where a key is full. Answers the jobs moved. */
  retry(bind: Bind, input: { ids: readonly string[] }): Move<readonly string[]>
  /** Scheduled → ready, due now; blocked where a key is full. Answers the jobs moved. */
  runNow(bind: Bind, input: { ids: readonly string[] }): Move<readonly string[]>
  /**
   * Ready, scheduled or blocked → finished, as cancelled; claimed: asks the invocation to. In this state; null: in any of
   * them. Answers what was done, by id.
   */
  cancel(
    bind: Bind,
    input: { ids: readonly string[]; state: CancellableState | null },
  ): Move<ReadonlyMap<string, Cancelled>>
  /** Deletes jobs that are in this state; null: in any of them. Answers the jobs deleted. */
  discard(bind: Bind, input: { ids: readonly string[]; state: UnclaimedState | null }): Move<readonly string[]>
  /**
   * Takes permits away that have expired (their job is claimed, and was so `duration` ago), unblocks what then fits, and
   * deletes the semaphores of these keys that nothing needs.
   */
  repair(bind: Bind, input: { keys: readonly string[] }): Move<Repaired>
}

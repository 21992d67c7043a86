import type { JobHandle, JobState } from './job.ts'

/**
 * The id and the state of an enqueued job. If a job with an id of your own was stored before, the state is that job's
 * present one.
 */
export interface Enqueued<Result = unknown> extends JobHandle<Result> {
  readonly state: JobState
}

/** Nothing was stored: the key of the job was full, and its task has `onConflict: 'skip'`. */
export interface Skipped {
  readonly id: null
  readonly outcome: 'skipped'
  /** The jobs that hold the key, ten at most. */
  readonly heldBy: readonly string[]
}

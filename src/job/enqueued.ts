import type { JobHandle, JobState } from './job.ts'

/** The answer to an enqueue. */
export interface Enqueued<Result = unknown> extends JobHandle<Result> {
  /** Of the job that is stored under the id: one that was stored before may have ended since. */
  readonly state: JobState
  /**
   * Whether this call stored the job. False: a job with this id of your own was stored before, and is left as it is; or
   * this call stored it, but the database's first answer was lost.
   */
  readonly created: boolean
}

/** Nothing was stored: the key of the job was full, and its task has `onConflict: 'skip'`. */
export interface Skipped {
  readonly id: null
  readonly state: 'skipped'
  /** The jobs that hold the key, ten at most. */
  readonly heldBy: readonly string[]
}

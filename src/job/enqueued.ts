import type { JobState } from './job.ts'

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

import type { Performer, ResultOf, Task } from './contract.ts'
import type { Duration } from './duration.ts'
import type { JobHandle } from './job.ts'

/** The type of a job's result: by what `of` is given, or else by the handle. */
export type FoundResult<Found, Of> = [Of] extends [never]
  ? Found extends JobHandle<infer Result>
    ? Result
    : unknown
  : Of extends Performer<string, infer Result>
    ? Awaited<Result>
    : Of extends Task<string, infer _I, infer _P, infer Result>
      ? ResultOf<Result>
      : unknown

export interface FindOptions<Of extends Task | Performer> {
  /**
   * For the type of the result, where the handle does not say it: a performer, or a task with its own handler. The type
   * alone will do: `find<typeof performDeliver>(job)`.
   */
  readonly of?: Of | undefined
}

export interface ResultOptions<Of extends Task | Performer> extends FindOptions<Of> {
  /** How long to wait. Default 30 s. */
  readonly timeout?: Duration | undefined
  /** Ends the waiting: its reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

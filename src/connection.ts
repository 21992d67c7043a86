import type { Driver } from './dialects/driver.ts'
import type { Nudge } from './job/nudge.ts'

/** The way to reach a queue. */
export interface Connection {
  readonly driver: Driver
  /** Asks the platform for a tick when a job was enqueued. Default: none; cron will find the job. */
  readonly nudge?: Nudge | undefined
}

/** Keeps work alive after the answer was sent, as a Worker's `ctx` does. */
export interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void
}

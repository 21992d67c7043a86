import type { PassOptions } from './pass.ts'
import type { TickOptions } from './tick-options.ts'

export interface WorkOptions extends TickOptions {
  /** Keep looking for work until the deadline or the signal. Default false: stop when there is none. */
  readonly linger?: boolean | undefined
  /** The name of the invocation in errors, such as `host:pid`. Default: the worker's name. */
  readonly name?: string | undefined
}

/** The options that `run` and tests set beside them. */
export interface InvocationOptions extends PassOptions, Omit<WorkOptions, 'deadline'> {
  /** The longest lease, in ms. Default: `processAliveThreshold`. */
  readonly leaseMs?: number
  /** How often the lease is renewed, in ms. Default: `heartbeatInterval`. */
  readonly heartbeatMs?: number
  /** Called whenever the database has answered a claim or a settlement. */
  readonly onAnswer?: () => void
}

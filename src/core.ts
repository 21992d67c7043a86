import type { Driver } from './dialects/driver.ts'
import type { Emitter } from './events.ts'
import type { Handler, TransactionalEnqueuer } from './job/contract.ts'
import type { DefinedTask } from './job/defined-task.ts'
import type { PayloadCodec } from './job/payload.ts'
import type { Nudges } from './nudges.ts'
import type { Deployment } from './recurring/deployment.ts'
import type { Settings } from './settings.ts'

/** The parts of an open queue, as all its roles use them. */
export interface Core {
  readonly driver: Driver
  readonly settings: Settings
  readonly tasks: ReadonlyMap<string, DefinedTask>
  /** The names of queues that are allowed; null: any. */
  readonly queues: ReadonlySet<string> | null
  readonly handlers: ReadonlyMap<string, Handler<never, unknown>>
  readonly codec: PayloadCodec
  readonly deployment: Deployment
  readonly emitter: Emitter
  readonly nudges: Nudges
  /** The enqueuer that handlers get. */
  readonly enqueuer: TransactionalEnqueuer
  /** This machine's clock, in milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

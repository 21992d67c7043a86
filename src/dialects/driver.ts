import { QueueError } from '../errors.ts'
import type { Dialect } from './dialect.ts'
import type { Result, Statement } from './query.ts'

/** How a database is reached. A batch is the only thing the core ever asks of it. */
export interface Driver {
  readonly dialect: Dialect
  /**
   * Runs the statements in order, atomically, in one round trip where the database allows it. Postgres: READ COMMITTED.
   *
   * @param options.deadline when a database over a network that has not answered is given up, as `unknown`; null, as the
   *   default: never
   * @throws DatabaseError
   */
  batch(statements: readonly Statement[], options?: { readonly deadline?: Date | null }): Promise<readonly Result[]>
  /**
   * Makes the database where there is none, as SQLite does with a file; `migrate` alone asks for it. Undefined: it is made
   * elsewhere.
   *
   * @throws DatabaseError
   */
  create?(): Promise<void>
  /** Gives back what the driver opened itself. A connection that was handed to it stays open. */
  close(): Promise<void>
}

/**
 * What is known of a batch that failed:
 * - `duplicate`: a primary key exists already; nothing was written.
 * - `retryable`: a deadlock, a serialization failure, a busy or full database; nothing was written, and the same batch may pass
 *   later.
 * - `unreachable`: the database was not reached; nothing was written.
 * - `unknown`: the connection broke before the answer; whether it was written is not known.
 * - `missing`: there is no such table, or schema; nothing was written.
 * - `exists`: there is a table, or an index, of that name already; nothing was written.
 * - `other`: the database refused it; nothing was written.
 */
export type Failure = 'duplicate' | 'retryable' | 'unreachable' | 'unknown' | 'missing' | 'exists' | 'other'

/** A batch failed. `cause` is the database's own error. */
export class DatabaseError extends QueueError {
  override readonly name = 'DatabaseError'
  readonly code = 'DATABASE_FAILED'
  readonly failure: Failure

  constructor(failure: Failure, cause: unknown) {
    super(`The database ${said[failure]}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.failure = failure
  }
}

const said: Record<Failure, string> = {
  duplicate: 'holds that key already',
  retryable: 'could not do it now',
  unreachable: 'could not be reached',
  unknown: 'stopped answering, and whether it wrote is not known',
  missing: 'has no such table',
  exists: 'has a table of that name already',
  other: 'refused',
}

/** A database has not answered until the deadline of the batch. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'

  constructor() {
    super('no answer came until the deadline of this invocation; the network may swallow packets')
  }
}

import { isMarked, QueueError } from '../errors.ts'
import type { Dialect } from './dialect.ts'
import type { Result, Statement } from './query.ts'

/** A way to reach a database. Batches are all that the core asks of it. */
export interface Driver {
  readonly dialect: Dialect
  /** The database, for messages: such as `Postgres db.example.com:5432/app`. Never a password. */
  readonly database: string
  /** The command that creates and updates the tables. */
  readonly migratedBy: 'steadytick migrate' | 'wrangler d1 migrations apply'
  /**
   * Runs the statements in order, atomically, in one round trip where the database allows it. Postgres: READ COMMITTED.
   *
   * @param options.deadline the instant at which a database over a network is given up, as `unknown`, if it has not
   *   answered; null (default): never
   * @throws DatabaseError
   */
  batch(statements: readonly Statement[], options?: { readonly deadline?: Date | null }): Promise<readonly Result[]>
  /**
   * Makes the database if it does not exist, as SQLite does with a file. Only `migrate` calls it. Undefined: the
   * database is made elsewhere.
   *
   * @throws DatabaseError
   */
  create?(): Promise<void>
  /** Closes the connections that the driver opened. A connection that was handed to the driver stays open. */
  close(): Promise<void>
}

/**
 * The cause of a failed batch, as far as it is known:
 * - `duplicate`: a primary key exists already; nothing was written.
 * - `retryable`: a deadlock, a serialization failure, a busy or full database; nothing was written, and the same batch
 *   may pass later.
 * - `unreachable`: the database was not reached; nothing was written.
 * - `unknown`: the connection broke before the answer; whether the batch was written is not known.
 * - `missing`: a table or a schema does not exist; nothing was written.
 * - `exists`: a table or an index of that name exists already; nothing was written.
 * - `other`: the database refused the batch; nothing was written.
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

/** Whether an error is of a driver, perhaps of another copy of this package. */
export const isDatabaseError = (error: unknown): error is DatabaseError =>
  isMarked(error) && error.code === 'DATABASE_FAILED'

const said: Record<Failure, string> = {
  duplicate: 'holds that key already',
  retryable: 'could not do it now',
  unreachable: 'could not be reached',
  unknown: 'stopped answering, and whether it wrote is not known',
  missing: 'has no such table',
  exists: 'has a table of that name already',
  other: 'refused',
}

/** The database has not answered by the deadline of the batch. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'

  constructor() {
    super('no answer came until the deadline of this invocation; the network may swallow packets')
  }
}

import type { JobHandle } from './job.ts'

/** A job, and the statements that store it. */
export interface Prepared<Result = unknown> {
  readonly job: JobHandle<Result>
  /** Send them in this order. `$1` (Postgres) or `?` (SQLite, D1) stand for the parameters. */
  readonly statements: readonly PreparedStatement[]
}

/** Jobs, in the order given, and the statements that store them. */
export interface PreparedAll<Result = unknown> {
  readonly jobs: readonly JobHandle<Result>[]
  readonly statements: readonly PreparedStatement[]
}

export interface PreparedStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Runs statements in a transaction of the application's. A client of `pg` can be given as it is. */
export interface Transaction {
  query(sql: string, parameters: unknown[]): Promise<{ readonly rows: readonly object[] }>
}

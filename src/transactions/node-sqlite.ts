import type { Transaction } from '../job/prepared.ts'

/** The part of a `DatabaseSync` of `node:sqlite` that is used here. */
interface SyncDatabase {
  prepare(sql: string): { all(...parameters: never[]): readonly unknown[] }
}

/**
 * A `DatabaseSync` of `node:sqlite` on which you have run `begin`. All statements on the same connection before your
 * `commit` are in the transaction, too.
 */
export function fromNodeSqlite(database: SyncDatabase): Transaction {
  return {
    async query(sql, parameters) {
      return { rows: database.prepare(sql).all(...(parameters as never[])) as object[] }
    },
  }
}

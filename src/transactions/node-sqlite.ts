import type { Transaction } from '../job/prepared.ts'

/** What we use of a `DatabaseSync` of `node:sqlite`. */
interface SyncDatabase {
  prepare(sql: string): { all(...parameters: never[]): readonly unknown[] }
}

/**
 * A `DatabaseSync` of `node:sqlite` on which you have said `begin`. Whatever else uses the same connection before you
 * say `commit` is in the transaction, too.
 */
export function nodeSqlite(database: SyncDatabase): Transaction {
  return {
    async query(sql, parameters) {
      return { rows: database.prepare(sql).all(...(parameters as never[])) as object[] }
    },
  }
}

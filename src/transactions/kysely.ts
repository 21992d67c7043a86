import { CompiledQuery } from 'kysely'
import type { Transaction } from '../job/prepared.ts'

/** The part of a Kysely transaction that is used here. */
interface KyselyTransaction {
  withoutPlugins(): { executeQuery(query: CompiledQuery): Promise<{ readonly rows: readonly unknown[] }> }
}

/**
 * A transaction of Kysely's, whatever plugins it has:
 * `db.transaction().execute((trx) => queue.in(fromKysely(trx)).enqueue(…))`.
 */
export function fromKysely(transaction: KyselyTransaction): Transaction {
  const plain = transaction.withoutPlugins()
  return {
    async query(sql, parameters) {
      const { rows } = await plain.executeQuery(CompiledQuery.raw(sql, parameters))
      return { rows: rows as readonly object[] }
    },
  }
}

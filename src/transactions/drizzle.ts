import type { Transaction } from '../job/prepared.ts'

/**
 * A transaction of Drizzle's on Postgres: `db.transaction((tx) => queue.in(fromDrizzle(tx, sql)).enqueue(…))`.
 *
 * @param sql the tag of `drizzle-orm`, which makes the queries that the transaction takes
 */
export function fromDrizzle<Query>(
  transaction: { execute(query: Query): PromiseLike<unknown> },
  sql: (texts: TemplateStringsArray, ...parameters: unknown[]) => Query,
): Transaction {
  return {
    async query(text, parameters) {
      // The placeholders are numbered in their order, each used once, so the texts between them are the strings of a
      // tag.
      const texts = text.split(/\$\d+/)
      const answer = await transaction.execute(sql(Object.assign(texts, { raw: texts }), ...parameters))
      // node-postgres and PGlite answer an object, postgres.js answers the rows.
      return { rows: Array.isArray(answer) ? answer : (answer as { rows: object[] }).rows }
    },
  }
}

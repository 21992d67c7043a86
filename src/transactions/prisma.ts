import type { Transaction } from '../job/prepared.ts'

/** The part of a Prisma client in a transaction that is used here. */
interface PrismaTransaction {
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): PromiseLike<unknown>
}

/** An interactive transaction of Prisma's: `db.$transaction((tx) => queue.in(fromPrisma(tx)).enqueue(…))`. */
export function fromPrisma(transaction: PrismaTransaction): Transaction {
  return {
    async query(sql, parameters) {
      return { rows: (await transaction.$queryRawUnsafe(sql, ...parameters)) as object[] }
    },
  }
}

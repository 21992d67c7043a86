import type { Dialect } from '../dialects/dialect.ts'
import type { Lock } from '../dialects/moves.ts'
import { type Result, type Statement, thisBatch } from '../dialects/query.ts'
import { newId } from '../job/job-id.ts'

/**
 * One state move as a value: what to send, and how to read the answer. It does nothing by itself, and combines with
 * others into one batch. Its last statement answers.
 */
export interface Transition<T> {
  /** What the batch must hold before its statements run. */
  readonly locks: readonly Lock[]
  readonly statements: readonly Statement[]
  /**
   * Whether it may be sent again when its first try may have been committed: the second then changes nothing, or
   * nothing that matters.
   */
  readonly idempotent: boolean
  /** `resent`: an earlier try of the same batch may have been committed. */
  read(answer: Result, context: { readonly resent: boolean }): T
}

/** What a combination reads: the readings of its parts, in order. */
export type Readings<Parts extends readonly Transition<unknown>[]> = {
  -readonly [Index in keyof Parts]: Parts[Index] extends Transition<infer T> ? T : never
}

/** A transition of several, sent as one batch: all locks first, in one statement, then the parts in order. */
export interface Combined<T> extends Omit<Transition<T>, 'read'> {
  read(results: readonly Result[], context: { readonly resent: boolean }): T
}

/** Combines transitions into one batch. Each sees what those before it did. */
export function combine<const Parts extends readonly Transition<unknown>[]>(
  ...parts: Parts
): Combined<Readings<Parts>> {
  return {
    locks: parts.flatMap((part) => part.locks),
    statements: parts.flatMap((part) => part.statements),
    idempotent: parts.every((part) => part.idempotent),
    read(results, context) {
      let end = 0
      return parts.map((part) => {
        end += part.statements.length
        return part.read(results[end - 1] ?? nothing, context)
      }) as Readings<Parts>
    },
  }
}

/** Sends nothing. Reads: whether an earlier try of its batch may have been committed, or may still come. */
export const resent: Transition<boolean> = {
  locks: [],
  statements: [],
  idempotent: true,
  read: (_, context) => context.resent,
}

const nothing: Result = { rows: [], affected: 0 }

/** The batch of a combination: the lock of its keys, if any, and its statements, which name the batch where they have to. */
export function batchOf(
  dialect: Dialect,
  { locks, statements }: Combined<unknown>,
): { locks: number; statements: readonly Statement[] } {
  const locking = locks.length === 0 ? [] : dialect.moves.lock(dialect.bind, locks)
  return { locks: locking.length, statements: named([...locking, ...statements], newId()) }
}

/** The statements, with the name of their batch. */
export function named(statements: readonly Statement[], batch: string): readonly Statement[] {
  return statements.map((statement) =>
    statement.parameters.includes(thisBatch)
      ? {
          sql: statement.sql,
          parameters: statement.parameters.map((parameter) => (parameter === thisBatch ? batch : parameter)),
        }
      : statement,
  )
}

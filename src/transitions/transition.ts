import type { Dialect } from '../dialects/dialect.ts'
import type { Lock, Move } from '../dialects/moves.ts'
import { type Result, type ResultsOf, type Statement, type Steps, thisBatch } from '../dialects/query.ts'
import { newId } from '../job/job-id.ts'

/**
 * One state move as a value: the statements to send, and the reading of their results. It does nothing by itself, and
 * combines with others into one batch.
 */
export interface Transition<T> {
  /** Locks that the batch must hold before its statements run. */
  readonly locks: readonly Lock[]
  readonly statements: readonly Statement[]
  /**
   * Whether the batch may be sent again when its first try may have been committed: the second try then changes
   * nothing, or nothing that matters.
   */
  readonly idempotent: boolean
  /**
   * @param results of its statements, in their order
   * @param context.resent whether an earlier try of the same batch may have been committed
   */
  read(results: readonly Result[], context: Context): T
}

interface Context {
  readonly resent: boolean
}

const nothing: Result = { rows: [], affected: 0 }

/** Makes a transition of named steps: its reading takes their results by name. */
export function transition<const S extends Steps, T>({
  locks = [],
  idempotent,
  steps,
  read,
}: {
  /** Default: none. */
  readonly locks?: readonly Lock[]
  readonly idempotent: boolean
  readonly steps: S
  readonly read: (results: ResultsOf<S>, context: Context) => T
}): Transition<T> {
  const names = Object.keys(steps)
  const sent = names.filter((name) => steps[name] !== null)
  return {
    locks,
    idempotent,
    statements: sent.map((name) => steps[name] as Statement),
    read(results, context) {
      const byName: Record<string, Result> = {}
      for (const name of names) byName[name] = nothing
      for (const [index, name] of sent.entries()) byName[name] = results[index] ?? nothing
      return read(byName as ResultsOf<S>, context)
    },
  }
}

/** Makes a transition of a move, with the reading of the move. */
export const ofMove = <Answer>(
  { steps, read }: Move<Answer>,
  how: { readonly locks?: readonly Lock[]; readonly idempotent: boolean },
): Transition<Answer> => transition({ ...how, steps, read: (results) => read(results) })

/** Makes a transition of one statement that writes nothing. */
export const looking = <T>(statement: Statement, read: (result: Result) => T): Transition<T> =>
  transition({ idempotent: true, steps: { statement }, read: ({ statement: result }) => read(result) })

/** The parts of a batch by name, in their order; null: left out of this batch. */
type Parts = Readonly<Record<string, Transition<unknown> | null>>

/** The reading of each part of a combination, by its name; null for a part left out. */
export type Readings<P extends Parts> = {
  readonly [Name in keyof P]: P[Name] extends Transition<infer T> ? T : ReadingOf<P[Name]> | null
}
type ReadingOf<Part> = Part extends Transition<infer T> ? T : never

/**
 * Combines transitions into one batch: all locks first, in one statement, then the parts in order. Each part sees the
 * writes of the parts before it.
 */
export function combine<const P extends Parts>(parts: P): Transition<Readings<P>> {
  const sent = Object.entries(parts).flatMap(([name, part]) => (part ? [{ name, part }] : []))
  return {
    locks: sent.flatMap(({ part }) => part.locks),
    statements: sent.flatMap(({ part }) => part.statements),
    idempotent: sent.every(({ part }) => part.idempotent),
    read(results, context) {
      const readings: Record<string, unknown> = {}
      for (const name in parts) readings[name] = null
      let end = 0
      for (const { name, part } of sent) {
        const begin = end
        end += part.statements.length
        readings[name] = part.read(results.slice(begin, end), context)
      }
      return readings as Readings<P>
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

/**
 * The batch of a combination: the lock of its keys, if any, and its statements, with the batch's name where they have
 * to have it.
 */
export function batchOf(
  dialect: Dialect,
  { locks, statements }: Pick<Transition<unknown>, 'locks' | 'statements'>,
): { locks: number; statements: readonly Statement[] } {
  const locking = locks.length === 0 ? [] : dialect.moves.lock(dialect.bind, locks)
  return { locks: locking.length, statements: named([...locking, ...statements], newId()) }
}

/** Writes the name of the batch into the statements. */
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

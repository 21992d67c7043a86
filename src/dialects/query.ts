import type { RawBuilder } from 'kysely'

/** One statement as it is sent: its text and the values of its placeholders. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** The result of one statement. `affected`: rows inserted, updated or deleted; 0 for a plain SELECT. */
export interface Result {
  readonly rows: readonly Row[]
  readonly affected: number
}

/** The statements of a move or a transition, by name, in the order in which they are sent; null: not sent this time. */
export type Steps = Readonly<Record<string, Statement | null>>

/** The result of each step. A step that was not sent has no rows and affected none. */
export type ResultsOf<S extends Steps> = { readonly [Name in keyof S]: Result }

/** Column name → value, as the driver gives it. Statements select instants by `epochMs`; read them with `toDate`. */
export type Row = Readonly<Record<string, unknown>>

/** The type of a member of a record in a list. An instant is milliseconds since 1970, and JSON is text. */
export type Column = 'text' | 'uuid' | 'integer' | 'json' | 'instant'

/** Given to every query when it is built: the only clock, and what the dialects write in ways of their own. */
export interface Build {
  /** The database's clock, as an SQL expression. */
  readonly now: RawBuilder<Date>
  /** `now` plus `ms` milliseconds, which may be negative. */
  readonly after: (ms: unknown) => RawBuilder<Date>
  /** An instant given in milliseconds since 1970. */
  readonly instant: (ms: unknown) => RawBuilder<Date>
  /**
   * An instant as whole milliseconds since 1970, for `toDate`. An instant as the server's text would follow settings of
   * the session, such as DateStyle.
   */
  readonly epochMs: (instant: RawBuilder<unknown>) => RawBuilder<number>
  /** An instant in full precision, as the text of a whole number, for cursors. */
  readonly epochKey: (instant: RawBuilder<unknown>) => RawBuilder<string>
  /** The instant of an `epochKey`. */
  readonly ofEpochKey: (key: unknown) => RawBuilder<Date>
  /** Whole milliseconds from now to an instant, rounded up; negative when it has passed. */
  readonly msUntil: (instant: RawBuilder<unknown>) => RawBuilder<number>
  /** `column = value`, read from an index that begins with the column, and from no other. */
  readonly exactly: (column: RawBuilder<unknown>, value: RawBuilder<unknown>) => RawBuilder<boolean>
  /** A list of ids, as rows of `id`. */
  readonly ids: (list: unknown) => RawBuilder<unknown>
  /** A list of records, as rows of these columns. */
  readonly rows: (list: unknown, columns: Readonly<Record<string, Column>>) => RawBuilder<unknown>
  /** A JSON column as its text, so that every dialect gives the same. */
  readonly json: (column: RawBuilder<unknown>) => RawBuilder<string | null>
}

/** A placeholder, named when the query is written and bound each time the query is sent. */
export class Slot {
  readonly slot: string

  constructor(slot: string) {
    this.slot = slot
  }
}

/**
 * A query with named parameters. It is a constant of its module: a dialect compiles it once, for its prefix,
 * and binds values each time it is sent (Workers' free plan allows 10 ms of CPU an invocation).
 */
export class Query<P extends object> {
  readonly build: (slots: P, build: Build) => RawBuilder<unknown>

  constructor(build: (slots: P, build: Build) => RawBuilder<unknown>) {
    this.build = build
  }
}

/** Defines a query. `slots.max` stands in its text for the value that `bind(query, { max })` gives. */
export function query<P extends object = Record<never, never>>(
  build: (slots: P, build: Build) => RawBuilder<unknown>,
): Query<P> {
  return new Query(build)
}

/** Any property is a slot of its name; the type parameter of `query` lists the names there are. */
export const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) })

/** Stands among a statement's parameters for the id of its batch, which is not known yet when the statement is made. */
export const thisBatch = Symbol('thisBatch')

/** The longest time from 1970 that a Date holds, in milliseconds. */
const maxMs = 8.64e15

/** An instant of `epochMs` as a Date, clamped to the range of a Date. Null stays null. */
export function toDate(value: unknown): Date | null {
  if (value === null || value === undefined) return null
  return new Date(Math.min(Math.max(Number(value), -maxMs), maxMs))
}

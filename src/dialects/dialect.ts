import {
  type CompiledQuery,
  DefaultQueryExecutor,
  type DialectAdapter,
  IdentifierNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type QueryCompiler,
  type QueryExecutorProvider,
  type RawBuilder,
  SchemableIdentifierNode,
} from 'kysely'
import { ConfigurationError } from '../errors.ts'
import type { Moves } from './moves.ts'
import { type Build, type Query, Slot, type Statement, slots } from './query.ts'
import { tableNames } from './tables.ts'
import type { Issue } from '../job/issue.ts'

export interface DialectOptions {
  /**
   * The prefix of every table name: lower-case letters, digits and `_`; `''`: none. Default: none on Postgres, whose
   * tables have a schema of their own; `steadytick_` on SQLite and D1.
   */
  readonly prefix?: string | undefined
  /** Postgres: the schema of the tables. Default `steadytick`. */
  readonly schema?: string | undefined
  /** Replaces the database's clock, in milliseconds since 1970: for tests. Default: the database's own. */
  readonly clock?: (() => number) | undefined
}

/** The parts of a dialect: its compiler, its clock and its moves. */
export interface Flavour {
  readonly name: 'postgres' | 'sqlite'
  readonly adapter: () => DialectAdapter
  readonly compiler: () => QueryCompiler
  /** The database's clock. */
  readonly now: RawBuilder<Date>
  /** An instant given in milliseconds since 1970, as the dialect's tables hold it. */
  readonly instant: (ms: unknown) => RawBuilder<Date>
  /** `instant` moved by `ms`, which may be negative. */
  readonly shift: (instant: RawBuilder<Date>, ms: unknown) => RawBuilder<Date>
  /** An instant as whole milliseconds since 1970. */
  readonly epochMs: Build['epochMs']
  /** An instant in full precision, as the text of a whole number; `ofEpochKey` reads the text back. */
  readonly epochKey: Build['epochKey']
  readonly ofEpochKey: Build['ofEpochKey']
  /** Whole milliseconds from `now` to an instant, rounded up. */
  readonly msBetween: (now: RawBuilder<Date>, instant: RawBuilder<unknown>) => RawBuilder<number>
  /** `column = value`, read from an index that begins with the column, and from no other. */
  readonly exactly: (column: RawBuilder<unknown>, value: RawBuilder<unknown>) => RawBuilder<boolean>
  /** A list of ids, as rows of `id`. */
  readonly ids: (list: unknown) => RawBuilder<unknown>
  /** A list of records, as rows of these columns. */
  readonly rows: Build['rows']
  /** A JSON column as its text. */
  readonly json: (column: RawBuilder<unknown>) => RawBuilder<string | null>
  readonly moves: Moves
}

const clockSlot = new Slot('clock')

/** Drivers send statements; Kysely compiles them. */
const compilesOnly: ConstructorParameters<typeof DefaultQueryExecutor>[2] = {
  provideConnection: () => {
    throw new Error('Kysely has no connection here.')
  },
}

/** An SQL flavour for one prefix and schema: compiles each query once, and binds values for each sending. */
export class Dialect {
  readonly name: Flavour['name']
  readonly prefix: string
  /** Null: the database has no schemas. */
  readonly schema: string | null
  readonly moves: Moves
  readonly #flavour: Flavour
  readonly #clock: (() => number) | null
  /** Kysely's compiler. The class `Kysely` would bring every query builder into bundles. */
  readonly #compiler: QueryExecutorProvider
  readonly #build: Build
  readonly #compiled = new WeakMap<object, CompiledQuery>()

  /** @throws ConfigurationError when the prefix or schema is not a plain lower-case name. */
  constructor(
    flavour: Flavour,
    { prefix, schema, clock }: { prefix: string; schema: string | null; clock: (() => number) | undefined },
  ) {
    const issues: Issue[] = []
    if (!/^([a-z_][a-z0-9_]{0,29})?$/.test(prefix))
      issues.push({
        path: 'prefix',
        message: `"${prefix}"; use up to 30 lower-case letters, digits and "_", not beginning with a digit`,
      })
    if (schema !== null && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
      issues.push({
        path: 'schema',
        message: `"${schema}"; use 1 to 63 lower-case letters, digits and "_", not beginning with a digit`,
      })
    else if (schema?.startsWith('pg_'))
      issues.push({ path: 'schema', message: `"${schema}"; Postgres keeps names that begin with "pg_" to itself` })
    if (issues.length > 0) throw new ConfigurationError('The table names', issues)
    this.name = flavour.name
    this.prefix = prefix
    this.schema = schema
    this.moves = flavour.moves
    this.#flavour = flavour
    this.#clock = clock ?? null
    const executor = new DefaultQueryExecutor(flavour.compiler(), flavour.adapter(), compilesOnly, [
      new TableNames(prefix, schema),
    ])
    this.#compiler = { getExecutor: () => executor }
    const now = clock ? flavour.instant(clockSlot) : flavour.now
    this.#build = {
      now,
      after: (ms) => flavour.shift(now, ms),
      instant: flavour.instant,
      epochMs: flavour.epochMs,
      epochKey: flavour.epochKey,
      ofEpochKey: flavour.ofEpochKey,
      msUntil: (instant) => flavour.msBetween(now, instant),
      exactly: flavour.exactly,
      ids: flavour.ids,
      rows: flavour.rows,
      json: flavour.json,
    }
  }

  /** The same dialect by another clock, in milliseconds since 1970: for tests. */
  withClock(clock: () => number): Dialect {
    return new Dialect(this.#flavour, { prefix: this.prefix, schema: this.schema, clock })
  }

  /** The statement of `query` with these values in its slots. A list travels as one JSON text. */
  readonly bind = <P extends object>(query: Query<P>, values: P): Statement => {
    let compiled = this.#compiled.get(query)
    if (!compiled) {
      compiled = query.build(slots as P, this.#build).compile(this.#compiler)
      this.#compiled.set(query, compiled)
    }
    const given = values as Readonly<Record<string, unknown>>
    return {
      sql: compiled.sql,
      parameters: compiled.parameters.map((parameter) => {
        if (!(parameter instanceof Slot)) return parameter
        if (parameter === clockSlot) return this.#clock?.()
        const value = given[parameter.slot]
        return Array.isArray(value) ? textOf(value) : value
      }),
    }
  }
}

/** The JSON text of each list. Statements of a move share a list, so its text is written once. */
const texts = new WeakMap<readonly unknown[], string>()

function textOf(list: readonly unknown[]): string {
  const text = texts.get(list) ?? JSON.stringify(list)
  texts.set(list, text)
  return text
}

/** Gives the tables their prefix and schema. Aliases and names of CTEs are left alone. */
class TableNames extends OperationNodeTransformer implements KyselyPlugin {
  readonly #prefix: string
  readonly #schema: string | null

  constructor(prefix: string, schema: string | null) {
    super()
    this.#prefix = prefix
    this.#schema = schema
  }

  protected override transformSchemableIdentifier(node: SchemableIdentifierNode): SchemableIdentifierNode {
    if (node.schema || !tableNames.has(node.identifier.name)) return node
    const name = `${this.#prefix}${node.identifier.name}`
    return this.#schema
      ? SchemableIdentifierNode.createWithSchema(this.#schema, name)
      : { kind: 'SchemableIdentifierNode', identifier: IdentifierNode.create(name) }
  }

  transformQuery({ node }: Parameters<KyselyPlugin['transformQuery']>[0]): ReturnType<KyselyPlugin['transformQuery']> {
    return this.transformNode(node)
  }

  async transformResult({
    result,
  }: Parameters<KyselyPlugin['transformResult']>[0]): ReturnType<KyselyPlugin['transformResult']> {
    return result
  }
}

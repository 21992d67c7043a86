import { readFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Client } from 'pg'
import { parsers } from '../../src/dialects/postgres/parsers.ts'
import type { Result, Row, Statement } from '../../src/dialects/query.ts'

/**
 * What a database does for a batch, read from its plans.
 *
 * The tables that grow with the backlog or with history are to be read by index ranges only. That is told twice: by
 * the shape of the plan (`faults`), and by what running it read (`visited`, `pages`), because a shape cannot tell an
 * index that is walked to its end from one whose walk a LIMIT stops.
 */
export interface Reading {
  /** What the plans do that no statement may, in sentences. */
  readonly faults: readonly string[]
  /**
   * SQLite: indexes and tables that are walked from their beginning, without a range; the plan does not say whether a
   * LIMIT stops that. Postgres says so: a walk that nothing stops is among its faults.
   */
  readonly walked: readonly string[]
  /** Postgres: the most that one node read of a growing table, dropped rows and index searches included. */
  readonly visited: number | null
  /** SQLite: pages read from the file with an empty cache; null where the kernel does not count (only Linux does). */
  readonly pages: number | null
  /** What each statement answered. */
  readonly results: readonly Result[]
  /** The plans, for the message of a failed test. */
  readonly text: string
}

/** Tables that may be large. The others hold a row a queue, an invocation or a performing. */
const backlog = ['jobs', 'ready_executions', 'scheduled_executions', 'blocked_executions', 'failed_executions']
/** A row a limited job that is ready or claimed, and one a key, come with it; occurrences are kept for a week. */
const growing = [...backlog, 'permits', 'semaphores', 'recurring_executions']

// Postgres

/** A node of `EXPLAIN (FORMAT JSON)`. https://www.postgresql.org/docs/current/sql-explain.html */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Subplan Name'?: string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly 'Recheck Cond'?: string
  readonly Filter?: string
  readonly 'Sort Key'?: readonly string[]
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  /** Postgres 18 and later. */
  readonly 'Index Searches'?: number
  readonly 'Shared Hit Blocks'?: number
  readonly 'Shared Read Blocks'?: number
  readonly Plans?: readonly PlanNode[]
}

/**
 * Runs the batch with EXPLAIN ANALYZE, and once more for its results; each in a transaction that is rolled back.
 *
 * @param before statements that set the scene, in those transactions
 */
export async function readPostgres(
  client: Client,
  statements: readonly Statement[],
  { prefix, before }: { prefix: string; before: readonly string[] },
): Promise<Reading> {
  const plans: PlanNode[] = []
  await undone(client, before, async () => {
    for (const { sql, parameters } of statements) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, buffers, timing off, format json) ${sql}`,
        parameters as unknown[],
      )
      for (const row of rows) plans.push(row['QUERY PLAN'][0].Plan)
    }
  })
  const results: Result[] = []
  await undone(client, before, async () => {
    for (const { sql, parameters } of statements) {
      const { rows, rowCount } = await client.query<Row>({
        text: sql,
        values: parameters as unknown[],
        types: parsers,
      })
      results.push({ rows, affected: rowCount ?? 0 })
    }
  })

  const seen = plans.map((plan) => judgePostgres(plan, prefix))
  return {
    faults: seen.flatMap(({ faults }) => faults),
    walked: [],
    visited: Math.max(0, ...seen.map(({ visited }) => visited)),
    pages: null,
    results,
    text: plans.map((plan) => describePostgres(plan).join('\n')).join('\n\n'),
  }
}

async function undone(client: Client, before: readonly string[], body: () => Promise<void>): Promise<void> {
  await client.query('begin isolation level read committed')
  try {
    for (const sql of before) await client.query(sql)
    await body()
  } finally {
    await client.query('rollback')
  }
}

/** What one plan of Postgres does that it should not, and what it read. What was never run did neither. */
function judgePostgres(plan: PlanNode, prefix: string): { faults: string[]; visited: number } {
  const faults: string[] = []
  let visited = 0
  const grows = ({ 'Relation Name': table = '' }: PlanNode) => growing.some((name) => table === `${prefix}${name}`)

  const visit = (node: PlanNode, above: readonly PlanNode[]): void => {
    if (node['Actual Loops'] === 0) return
    const type = node['Node Type']
    if (grows(node) && type.endsWith('Scan')) {
      if (!/^(Index|Index Only|Bitmap Heap|Tid) Scan$/.test(type)) faults.push(`${type} of ${node['Relation Name']}`)
      else if (type.startsWith('Index') && node['Index Cond'] === undefined) {
        // A filter on a walk drops rows before the LIMIT counts them.
        if (node.Filter !== undefined) faults.push(`a walk of ${node['Index Name']} is filtered by ${node.Filter}`)
        if (!stopped(above)) faults.push(`no LIMIT stops the walk of ${node['Index Name']}`)
      }
      visited = Math.max(visited, readBy(node))
    }
    if (type.endsWith('Sort')) {
      for (const scan of unboundedBelow(node, grows))
        faults.push(`a sort by ${node['Sort Key']?.join(', ')} takes all that is read of ${scan['Relation Name']}`)
    }
    for (const child of node.Plans ?? []) visit(child, startsAnew(child) ? [] : [node, ...above])
  }
  visit(plan, [])
  return { faults, visited }
}

/** Rows and index entries that a scan read, those it dropped included. `Actual Rows` are those of one loop, on average. */
function readBy(node: PlanNode): number {
  const rows =
    (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  return Math.max(Math.round(rows * (node['Actual Loops'] ?? 0)), node['Index Searches'] ?? 0)
}

/** A CTE or an InitPlan runs once, by itself: what stands above it neither sorts nor limits it. */
function startsAnew(node: PlanNode): boolean {
  return node['Parent Relationship'] === 'InitPlan' || node['Subplan Name']?.startsWith('CTE ') === true
}

/** Whether rows go straight from a scan to a LIMIT, so that it ends the scan. */
function stopped(above: readonly PlanNode[]): boolean {
  const first = above.find((node) => !/^(LockRows|Subquery Scan|Result)$/.test(node['Node Type']))
  return first?.['Node Type'] === 'Limit'
}

/**
 * The scans whose rows all reach this sort. A LIMIT between the two bounds them: at most so many rows of each queue are
 * sorted, not the queue. So does a lookup by primary key: it reads one row for each id it was given.
 */
function unboundedBelow(node: PlanNode, grows: (node: PlanNode) => boolean): PlanNode[] {
  return (node.Plans ?? []).flatMap((child) => {
    if (startsAnew(child) || child['Node Type'] === 'Limit') return []
    const byKey = /^\(+(?:(?:job_)?id|key) = /.test(child['Index Cond'] ?? child['Recheck Cond'] ?? '')
    return [...(grows(child) && !byKey ? [child] : []), ...unboundedBelow(child, grows)]
  })
}

function describePostgres(node: PlanNode, depth = 0): string[] {
  const of = [node['Relation Name'], node['Index Name']].filter((name) => name !== undefined).join(' ')
  const pages = (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0)
  const details = [
    node['Subplan Name'] && `[${node['Subplan Name']}]`,
    node['Index Cond'] && `cond ${node['Index Cond']}`,
    node.Filter && `filter ${node.Filter}`,
    node['Sort Key'] && `by ${node['Sort Key'].join(', ')}`,
    node['Rows Removed by Filter'] && `removed ${node['Rows Removed by Filter']}`,
    node['Index Searches'] && `searches ${node['Index Searches']}`,
  ].filter((detail) => detail)
  return [
    `${'  '.repeat(depth)}${node['Node Type']} ${of} rows ${node['Actual Rows']} × ${node['Actual Loops']}, pages ${pages} ${details.join(' ')}`,
    ...(node.Plans ?? []).flatMap((child) => describePostgres(child, depth + 1)),
  ]
}

// SQLite

/** A row of `EXPLAIN QUERY PLAN`. https://www.sqlite.org/eqp.html */
interface PlanStep {
  readonly id: number
  readonly parent: number
  readonly detail: string
}

/** Explains the batch, runs it with an empty cache, and rolls back. */
export function readSqlite(
  file: string,
  statements: readonly Statement[],
  { prefix, before }: { prefix: string; before: readonly string[] },
): Reading {
  const database = new DatabaseSync(file)
  try {
    database.exec('begin immediate')
    for (const sql of before) database.exec(sql)
    const values = ({ parameters }: Statement) => parameters as SQLInputValue[]
    const plans = statements.map((statement) => ({
      statement,
      steps: database.prepare(`explain query plan ${statement.sql}`).all(...values(statement)) as unknown as PlanStep[],
    }))
    const prepared = statements.map((statement) => {
      const made = database.prepare(statement.sql)
      return made.columns().length > 0
        ? () => ({ rows: made.all(...values(statement)), affected: 0 })
        : () => ({ rows: [], affected: Number(made.run(...values(statement)).changes) })
    })
    const [size] = database.prepare('pragma page_size').all()
    const from = bytesRead()
    const results = prepared.map((run) => run())
    const to = bytesRead()

    const seen = plans.map(({ statement, steps }) => judgeSqlite(steps, statement.sql, prefix))
    return {
      faults: seen.flatMap(({ faults }) => faults),
      walked: [...new Set(seen.flatMap(({ walked }) => walked))],
      visited: null,
      pages: from === null || to === null ? null : Math.floor((to - from) / Number(size?.['page_size'])),
      results,
      text: plans.map(({ steps }) => describeSqlite(steps).join('\n')).join('\n\n'),
    }
  } finally {
    if (database.isTransaction) database.exec('rollback')
    database.close()
  }
}

/** What this thread has read from files. `node:sqlite` reads in the thread that calls it. */
function bytesRead(): number | null {
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1])
  } catch {
    return null
  }
}

/** What one plan of SQLite does that it should not. */
function judgeSqlite(steps: readonly PlanStep[], sql: string, prefix: string): { faults: string[]; walked: string[] } {
  const grows = growingNames(sql, prefix)
  const faults: string[] = []
  const walked: string[] = []
  for (const { detail, parent } of steps) {
    const [, verb, name = ''] = /^(SCAN|SEARCH|BLOOM FILTER ON) (\S+)/.exec(detail) ?? []
    if (verb !== undefined && grows.has(name)) {
      const index = /USING (?:COVERING )?INDEX (\S+)/.exec(detail)?.[1]
      if (verb === 'SCAN') walked.push(index ?? grows.get(name) ?? name)
      // Both are built by reading the whole table first.
      if (verb === 'BLOOM FILTER ON' || detail.includes('AUTOMATIC')) faults.push(detail)
    }
    if (detail.startsWith('USE TEMP B-TREE')) {
      for (const beside of steps) {
        const [, of = ''] = /^(?:SCAN|SEARCH) (\S+)/.exec(beside.detail) ?? []
        if (beside.parent === parent && grows.has(of) && !isLookup(beside.detail))
          faults.push(`${detail} takes all that is read by ${beside.detail}`)
      }
    }
  }
  return { faults, walked }
}

/** The pages of the smallest tree, table or index, of a table of the backlog: fewer pages were read than any walk takes. */
export function smallestTree(file: string, prefix: string): number {
  const database = new DatabaseSync(file)
  try {
    const tables = backlog.map((name) => `'${prefix}${name}'`).join(', ')
    const row = database
      .prepare(
        `select min(pages) as pages from (select count(*) as pages from dbstat
          where name in (select name from sqlite_schema where tbl_name in (${tables})) group by name)`,
      )
      .get()
    return Number(row?.['pages'])
  } finally {
    database.close()
  }
}

/** One row for each id that was given: every column is compared by `=`, and the id is one of them. */
function isLookup(detail: string): boolean {
  const columns = /\(([^()]*)\)$/.exec(detail)?.[1]?.split(' AND ') ?? []
  return columns.every((column) => column.endsWith('=?')) && columns.some((column) => /^(?:job_)?id=\?$/.test(column))
}

/** A plan calls a table by its alias: name or alias → growing table. Kysely quotes the names of tables and nothing else does. */
function growingNames(sql: string, prefix: string): Map<string, string> {
  const names = new Map<string, string>()
  for (const name of growing) {
    const table = `${prefix}${name}`
    names.set(table, table)
    for (const [, alias = ''] of sql.matchAll(new RegExp(`"${table}"\\s+(?:as\\s+)?([a-z]\\w*)`, 'gi')))
      if (!keywords.has(alias.toLowerCase())) names.set(alias, table)
  }
  return names
}

const keywords = new Set(
  'where set on order group limit left inner cross join values select using union returning as'.split(' '),
)

function describeSqlite(steps: readonly PlanStep[]): string[] {
  const depths = new Map<number, number>()
  return steps.map(({ id, parent, detail }) => {
    const depth = (depths.get(parent) ?? -1) + 1
    depths.set(id, depth)
    return `${'  '.repeat(depth)}${detail}`
  })
}

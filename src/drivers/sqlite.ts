import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { DialectOptions } from '../dialects/dialect.ts'
import { DatabaseError, type Driver, type Failure } from '../dialects/driver.ts'
import type { Result, Statement } from '../dialects/query.ts'
import { tableFailureOf } from '../dialects/sqlite/table-failure.ts'
import { sqlite as sqliteDialect } from '../dialects/sqlite/index.ts'

/**
 * SQLite through Node's own `node:sqlite`. Several processes may share one file: WAL, one writer at a time.
 *
 * @param file a path, whose folder is made when it is missing, or `:memory:`
 * @throws DatabaseError when the file cannot be opened; the first batch, when it is not a database
 */
export function sqlite(file: string, options?: Omit<DialectOptions, 'schema'>): Driver {
  const dialect = sqliteDialect(options)
  const database = open(file)
  let journaled = false
  const prepared = new Map<string, { statement: StatementSync; reads: boolean }>()

  const run = ({ sql, parameters }: Statement): Result => {
    let entry = prepared.get(sql)
    if (!entry) {
      const statement = database.prepare(sql)
      entry = { statement, reads: statement.columns().length > 0 }
      prepared.set(sql, entry)
    }
    const values = parameters as SQLInputValue[]
    if (entry.reads) {
      const rows = entry.statement.all(...values)
      return { rows, affected: rows.length }
    }
    return { rows: [], affected: Number(entry.statement.run(...values).changes) }
  }

  return {
    dialect,
    // Nothing is awaited between BEGIN and COMMIT, so batches of one process never mix.
    async batch(statements) {
      try {
        // Here and not on opening: two that switch a new file to WAL at once may find it busy, and are sent again.
        // With WAL, NORMAL may lose the last commits when the machine (not the process) goes down; FULL does not.
        if (!journaled) database.exec('pragma journal_mode = wal; pragma synchronous = full')
        journaled = true
        // IMMEDIATE: a batch that reads first and then writes would fail with SQLITE_BUSY at once, whatever the timeout.
        database.exec('begin immediate')
        const results = statements.map(run)
        database.exec('commit')
        return results
      } catch (error) {
        if (database.isOpen && database.isTransaction) database.exec('rollback')
        const failure = classify(error)
        const ofStatement =
          journaled && (failure === 'duplicate' || failure === 'other' || failure === 'missing' || failure === 'exists')
        throw new DatabaseError(failure, ofStatement ? error : inFile(file, error))
      }
    },
    async close() {
      if (database.isOpen) database.close()
    },
  }
}

function open(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    // The wait blocks this process, so it is short; a batch that finds the file busy is sent again.
    return new DatabaseSync(file, { timeout: 200 })
  } catch (error) {
    throw new DatabaseError('unreachable', inFile(file, error))
  }
}

const inFile = (file: string, cause: unknown): Error =>
  new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })

/** Result codes: https://www.sqlite.org/rescode.html. The low byte of an extended code is the primary one. */
function classify(error: unknown): Failure {
  const code = (error as { errcode?: number }).errcode
  if (code === undefined) return 'other'
  if (code === 1555 || code === 2067) return 'duplicate'
  const primary = code & 0xff
  // Busy, locked, and a full disk: nothing was written, and later it may go well.
  if (primary === 5 || primary === 6 || primary === 13) return 'retryable'
  // The disk failed: perhaps during COMMIT.
  return primary === 10 ? 'unknown' : (tableFailureOf(error) ?? 'other')
}

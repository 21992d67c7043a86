import { resolve } from 'node:path'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { DialectOptions } from '../dialects/dialect.ts'
import { DatabaseError, type Driver, type Failure, isDatabaseError } from '../dialects/driver.ts'
import type { Result, Statement } from '../dialects/query.ts'
import { tableFailureOf } from '../dialects/sqlite/table-failure.ts'
import { sqlite as sqliteDialect } from '../dialects/sqlite/index.ts'
import { createFile, inFile, openFile, type SqliteFile } from './sqlite-file.ts'

/**
 * SQLite through Node's own `node:sqlite`. Several processes may share one file: WAL, one writer at a time.
 *
 * The first batch opens the file. Only `migrate` makes it, with its folder, so a mistyped path is an error. Once the
 * path is another file, or none, every batch fails as `unreachable`, so that no lost write is acknowledged.
 *
 * @param file a path, relative to the folder of the process, or `:memory:`
 */
export function sqlite(file: string, options?: Omit<DialectOptions, 'schema'>): Driver {
  const dialect = sqliteDialect(options)
  const path = file === ':memory:' ? file : resolve(file)
  let opened: SqliteFile | null = null
  let journaled = false
  const prepared = new Map<string, { statement: StatementSync; reads: boolean }>()

  const run = ({ database }: SqliteFile, { sql, parameters }: Statement): Result => {
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
    database: `SQLite ${path}`,
    migratedBy: 'steadytick migrate',
    // Nothing is awaited between BEGIN and COMMIT, so batches of one process never mix.
    async batch(statements) {
      opened ??= openFile(path)
      const source = opened
      const { database } = source
      try {
        // Here and not on opening: two processes that switch a new file to WAL at once may find it busy, and a busy
        // batch is sent again.
        // With WAL, NORMAL may lose the last commits when the machine (not the process) goes down; FULL does not.
        if (!journaled) database.exec('pragma journal_mode = wal; pragma synchronous = full')
        journaled = true
        // IMMEDIATE: a batch that reads first and then writes would fail with SQLITE_BUSY at once, whatever the timeout.
        database.exec('begin immediate')
        const results = statements.map((statement) => run(source, statement))
        source.requireThere()
        database.exec('commit')
        return results
      } catch (error) {
        if (database.isOpen && database.isTransaction) database.exec('rollback')
        if (isDatabaseError(error)) throw error
        const failure = classify(error)
        const ofStatement =
          journaled && (failure === 'duplicate' || failure === 'other' || failure === 'missing' || failure === 'exists')
        throw new DatabaseError(failure, ofStatement ? error : inFile(path, error))
      }
    },
    async create() {
      createFile(path)
    },
    async close() {
      if (opened?.database.isOpen) opened.database.close()
    },
  }
}

/** Result codes: https://www.sqlite.org/rescode.html. The low byte of an extended code is the primary one. */
function classify(error: unknown): Failure {
  const code = (error as { errcode?: number }).errcode
  if (code === undefined) return 'other'
  if (code === 1555 || code === 2067) return 'duplicate'
  const primary = code & 0xff
  // Busy, locked, and a full disk: nothing was written, and the batch may pass later.
  if (primary === 5 || primary === 6 || primary === 13) return 'retryable'
  // The disk failed: perhaps during COMMIT.
  return primary === 10 ? 'unknown' : (tableFailureOf(error) ?? 'other')
}

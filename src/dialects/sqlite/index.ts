import { sql, SqliteAdapter, SqliteQueryCompiler } from 'kysely'
import { Dialect, type DialectOptions } from '../dialect.ts'
import { cancel } from './cancel.ts'
import { claim } from './claim.ts'
import { clear } from './clear.ts'
import { clearOccurrences } from './clear-occurrences.ts'
import { discard } from './discard.ts'
import { dispatch } from './dispatch.ts'
import { enqueue, enqueueLimited, enqueueRecorded } from './enqueue.ts'
import { repair } from './repair.ts'
import { prune } from './prune.ts'
import { rows } from './rows.ts'
import { retry } from './retry.ts'
import { runNow } from './run-now.ts'
import { progress, settle } from './settle.ts'

/**
 * SQLite 3.38 or later, and D1. A statement holds one write only, so a move has several. A later statement does not ask
 * the clock or a filter again: it reads the rows that an earlier one wrote. The single writer is the lock.
 */
export function sqlite({ prefix = 'steadytick_', clock }: Omit<DialectOptions, 'schema'> = {}): Dialect {
  return new Dialect(
    {
      name: 'sqlite',
      adapter: () => new SqliteAdapter(),
      compiler: () => new SqliteQueryCompiler(),
      now: sql`cast((julianday('now') - 2440587.5) * 86400000 as integer)`,
      // D1 binds every number as REAL; the columns are integers.
      instant: (ms) => sql`cast(${ms} as integer)`,
      shift: (instant, ms) => sql`(${instant} + cast(${ms} as integer))`,
      // An integer of 2^53 or more could not be read, and would make the rows beside it unreadable.
      epochMs: (instant) => sql`min(max(${instant}, -8640000000000000), 8640000000000000)`,
      epochKey: (instant) => sql`cast(${instant} as text)`,
      ofEpochKey: (key) => sql`cast(${key} as integer)`,
      msBetween: (now, instant) => sql`(${instant} - ${now})`,
      exactly: (column, value) => sql`${column} = ${value}`,
      ids: (list) => sql`(select value as id from json_each(${list}))`,
      rows,
      json: (column) => sql`${column}`,
      moves: {
        lock: () => [],
        enqueue,
        enqueueLimited,
        enqueueRecorded,
        claim,
        settle,
        progress,
        dispatch,
        prune,
        clear,
        clearOccurrences,
        retry,
        runNow,
        cancel,
        discard,
        repair,
      },
    },
    { prefix, schema: null, clock },
  )
}

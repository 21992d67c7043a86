import { PostgresAdapter, PostgresQueryCompiler, sql } from 'kysely'
import { Dialect, type DialectOptions } from '../dialect.ts'
import { cancel } from './cancel.ts'
import { claim } from './claim.ts'
import { clear } from './clear.ts'
import { clearOccurrences } from './clear-occurrences.ts'
import { discard } from './discard.ts'
import { dispatch } from './dispatch.ts'
import { enqueue, enqueueLimited, enqueueRecorded } from './enqueue.ts'
import { exactly } from './exactly.ts'
import { lock } from './lock.ts'
import { rows } from './rows.ts'
import { prune } from './prune.ts'
import { repair } from './repair.ts'
import { retry } from './retry.ts'
import { runNow } from './run-now.ts'
import { progress, settle } from './settle.ts'

/**
 * Postgres 12 or later. A move is one statement where its steps need not see one another, and runs at READ COMMITTED.
 * Every statement names its schema, so a `search_path` decides nothing.
 */
export function postgres({ schema = 'steadytick', prefix = '', clock }: DialectOptions = {}): Dialect {
  return new Dialect(
    {
      name: 'postgres',
      adapter: () => new PostgresAdapter(),
      compiler: () => new PostgresQueryCompiler(),
      now: sql`now()`,
      instant: (ms) => sql`to_timestamp(${ms}::double precision / 1000)`,
      shift: (instant, ms) => sql`(${instant} + ${ms}::bigint * interval '1 millisecond')`,
      epochMs: (instant) => sql`floor(extract(epoch from ${instant}) * 1000)::bigint`,
      epochKey: (instant) => sql`cast(cast(extract(epoch from ${instant}) * 1000000 as bigint) as text)`,
      ofEpochKey: (key) =>
        sql`(to_timestamp((${key}::bigint / 1000000)::double precision) + (${key}::bigint % 1000000) * interval '1 microsecond')`,
      msBetween: (now, instant) => sql`ceil(extract(epoch from (${instant} - ${now})) * 1000)::bigint`,
      exactly,
      ids: (list) => sql`(select id::uuid from json_array_elements_text(${list}::json) as x(id))`,
      rows,
      // The parsers leave JSON as text; a cast would read and write it once more.
      json: (column) => sql`${column}`,
      moves: {
        lock,
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
    { prefix, schema, clock },
  )
}

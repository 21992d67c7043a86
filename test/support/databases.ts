import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { DialectOptions } from '../../src/dialects/dialect.ts'
import type { Driver } from '../../src/dialects/driver.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'

/** Each database a test may run on: a fresh set of tables at each opening. */
export const databases: Readonly<Record<string, (options?: DialectOptions) => Driver>> = {
  sqlite: ({ schema: _, ...options } = {}) =>
    sqlite(join(mkdtempSync(join(tmpdir(), 'steadytick-')), 'queue.db'), options),
  pg: (options) =>
    pg(
      { connectionString: inject('postgresUrl'), max: 12 },
      { schema: `s${randomBytes(8).toString('hex')}`, ...options },
    ),
}

import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { DialectOptions } from '../../src/dialects/dialect.ts'
import type { Driver } from '../../src/dialects/driver.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { newFile } from './folders.ts'

/** Opens a database for one test: without tables, and apart from those of other tests. */
export type OpenDatabase = (options?: DialectOptions) => Driver

/** The databases that any test can have. D1 needs a workerd: test/conformance/d1.test.ts. */
export const databases = {
  sqlite: ({ schema: _, ...options } = {}) => sqlite(newFile(), options),
  pg: (options) =>
    pg(
      { connectionString: inject('postgresUrl'), max: 12 },
      { schema: `s${randomBytes(8).toString('hex')}`, ...options },
    ),
} satisfies Record<string, OpenDatabase>

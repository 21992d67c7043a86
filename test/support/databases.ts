import { randomBytes } from 'node:crypto'
import { neonConfig } from '@neondatabase/serverless'
import { inject } from 'vitest'
import type { DialectOptions } from '../../src/dialects/dialect.ts'
import type { Driver } from '../../src/dialects/driver.ts'
import { neon } from '../../src/drivers/neon.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { newFile } from './folders.ts'
import { endpointOf } from './neon-endpoint.ts'

/** Opens a database for one test: without tables, and apart from those of other tests. */
export type OpenDatabase = (options?: DialectOptions) => Driver

neonConfig.fetchEndpoint = endpointOf

/** A schema of its own, on the Postgres that all tests share. */
export const newSchema = () => `s${randomBytes(8).toString('hex')}`

/** The databases that any test can have. D1 needs a workerd: test/conformance/d1.test.ts. */
export const databases = {
  sqlite: ({ schema: _, ...options } = {}) => sqlite(newFile(), options),
  pg: (options) => pg({ connectionString: inject('postgresUrl'), max: 12 }, { schema: newSchema(), ...options }),
  neon: (options) => neon(inject('neonUrl'), { schema: newSchema(), ...options }),
} satisfies Record<string, OpenDatabase>

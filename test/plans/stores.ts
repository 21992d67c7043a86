import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Client } from 'pg'
import { inject } from 'vitest'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { planning } from '../../src/dialects/postgres/planning.ts'
import type { Statement } from '../../src/dialects/query.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate } from '../../src/migrate.ts'
import { newFile } from '../support/folders.ts'
import { type Reading, readPostgres, readSqlite, smallestTree } from '../support/plans.ts'
import { counts, empty, few, fill, pause, type Shape } from './fill.ts'

/** What is in the tables, and when the statistics that the planner goes by were collected. */
export interface Scene {
  readonly shape: Shape
  /** `on a quiet day`: when there were few jobs, of the other shape. Neither dialect collects them by itself at once. */
  readonly analyzed: 'never' | 'on a quiet day' | 'now'
}

export const scenes: readonly Scene[] = (['varied', 'alike', 'tenants'] as const).flatMap((shape) =>
  (['never', 'on a quiet day', 'now'] as const).map((analyzed) => ({ shape, analyzed })),
)

/** Tables of one dialect, filled, and how the plans of a batch are read there. Nothing that is read changes them. */
export interface Store {
  readonly dialect: Dialect
  /** SQLite: the pages of the smallest tree that may grow. */
  readonly smallestTree: number | null
  read(statements: readonly Statement[], options?: { paused?: string }): Promise<Reading>
  close(): Promise<void>
}

export const stores: Readonly<Record<Dialect['name'], (scene: Scene) => Promise<Store>>> = {
  sqlite: async (scene) => {
    const file = newFile()
    const driver = sqlite(file)
    const { dialect } = driver
    await migrate(driver)
    await driver.batch(filling('sqlite', scene, 'analyze').map((sql) => ({ sql, parameters: [] })))
    await driver.close()
    return {
      dialect,
      smallestTree: smallestTree(file, dialect.prefix),
      read: async (statements, { paused } = {}) =>
        readSqlite(file, statements, { prefix: dialect.prefix, before: paused ? [pause('sqlite', paused)] : [] }),
      close: async () => rmSync(dirname(file), { recursive: true }),
    }
  },
  postgres: async (scene) => {
    const schema = `s${randomBytes(8).toString('hex')}`
    const driver = pg({ connectionString: inject('postgresUrl'), max: 1 }, { schema, prefix: 'steadytick_' })
    const { dialect } = driver
    await migrate(driver)
    await driver.close()
    const client = new Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    await client.query(`set search_path to ${schema}`)
    // The statistics are those of the scene, not what autovacuum came to in the meantime.
    for (const name of [
      'jobs',
      'ready_executions',
      'scheduled_executions',
      'blocked_executions',
      'permits',
      'semaphores',
      'failed_executions',
      'claimed_executions',
      'recurring_executions',
    ])
      await client.query(`alter table ${dialect.prefix}${name} set (autovacuum_enabled = off)`)
    for (const sql of filling('postgres', scene, 'vacuum analyze')) await client.query(sql)
    return {
      dialect,
      smallestTree: null,
      read: (statements, { paused } = {}) =>
        readPostgres(client, statements, {
          prefix: dialect.prefix,
          // As the drivers send a batch of several.
          before: [...(statements.length > 1 ? [planning] : []), ...(paused ? [pause('postgres', paused)] : [])],
        }),
      close: async () => {
        await client.query(`drop schema ${schema} cascade`)
        await client.end()
      },
    }
  },
}

function filling(dialect: Dialect['name'], { shape, analyzed }: Scene, analyze: string): string[] {
  const quiet = [...fill(dialect, few, shape === 'varied' ? 'alike' : 'varied'), analyze, ...empty()]
  return [
    ...(analyzed === 'on a quiet day' ? quiet : []),
    ...fill(dialect, counts, shape),
    ...(analyzed === 'now' ? [analyze] : []),
  ]
}

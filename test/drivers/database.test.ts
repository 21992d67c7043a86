import { resolve } from 'node:path'
import { neon as connect } from '@neondatabase/serverless'
import { Pool } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { type D1Binding, d1 } from '../../src/drivers/d1.ts'
import { neon } from '../../src/drivers/neon.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'

const pool = new Pool({ host: 'db', port: 6000, user: 'u', password: 'secret', database: 'app' })
const url = 'postgres://u:secret@db.example.com/app?sslmode=verify-full'

test.each<[string, Driver, string, Driver['migratedBy']]>([
  ['a file', sqlite('data/queue.db'), `SQLite ${resolve('data/queue.db')}`, 'steadytick migrate'],
  ['a file in memory', sqlite(':memory:'), 'SQLite :memory:', 'steadytick migrate'],
  ['a connection string', pg(url), 'Postgres db.example.com:5432/app', 'steadytick migrate'],
  ['a pool', pg(pool), 'Postgres db:6000/app', 'steadytick migrate'],
  ['a connection string of Neon', neon(url), 'Neon db.example.com/app', 'steadytick migrate'],
  ['a query function of Neon', neon(connect(url)), 'Neon', 'steadytick migrate'],
  ['a binding', d1({} as D1Binding), 'D1', 'wrangler d1 migrations apply'],
])('%s: a driver names its database, without a password, and what migrates it', (_, driver, database, migratedBy) => {
  onTestFinished(() => driver.close())

  expect(driver).toMatchObject({ database, migratedBy })
})

test.each(['', 'host=db password=secret'])(
  'a connection string that is none is refused, and not repeated: %j',
  (text) => {
    expect(() => pg(text)).toThrow(
      /^The connection string of pg\(\) cannot be used:\n- [^]*postgres:\/\/user:password@host:port\/database$/,
    )
  },
)

test('a connection string that cannot be read is not repeated', () => {
  const driver = pg('postgres://u:secret@db:port/app')
  onTestFinished(() => driver.close())

  expect(driver.database).toBe('Postgres of a connection string that is none')
})

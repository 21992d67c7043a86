import { DatabaseSync } from 'node:sqlite'
import { neon as connect } from '@neondatabase/serverless'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { drizzle } from 'drizzle-orm/d1'
import { sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Driver } from '../../src/dialects/driver.ts'
import { d1, d1Statements } from '../../src/drivers/d1.ts'
import { neon, neonQueries } from '../../src/drivers/neon.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { ConfigurationError, defineQueue, PayloadError, type PreparedStatement, task } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { migrate } from '../../src/migrate.ts'
import { databases, newSchema } from '../support/databases.ts'
import { newFile } from '../support/folders.ts'
import { faultsOf } from '../support/invariants.ts'
import { silent } from '../support/open-queue.ts'
import { rowsOf } from '../support/tables.ts'
import { startD1 } from '../support/workerd.ts'
import { work } from '../../src/ticks/index.ts'

interface Batches {
  readonly driver: Driver
  readonly users: string
  /** Writes a user and sends these statements, in one batch. A user without a name is refused. */
  signUp(name: string | null, statements: readonly PreparedStatement[]): Promise<void>
}

const clients: Record<string, () => Promise<Batches>> = {
  async d1() {
    const { database: DB, close } = await startD1()
    onTestFinished(close)
    return {
      driver: d1(DB),
      users: 'users',
      async signUp(name, statements) {
        const insert = DB.prepare('insert into users values (?)').bind(name)
        await DB.batch([...d1Statements(DB, statements), insert])
      },
    }
  },
  async 'Drizzle on D1'() {
    const { database: DB, close } = await startD1()
    onTestFinished(close)
    const db = drizzle(DB)
    const users = sqliteTable('users', { name: text() })
    return {
      driver: d1(DB),
      users: 'users',
      async signUp(name, statements) {
        const { sql, params } = db.insert(users).values({ name }).toSQL()
        await DB.batch(d1Statements(DB, [{ sql, parameters: params }, ...statements]))
      },
    }
  },
  async neon() {
    const schema = newSchema()
    const sql = connect(inject('neonUrl'))
    const users = `${schema}.users`
    return {
      driver: neon(sql, { schema }),
      users,
      async signUp(name, statements) {
        await sql.transaction([...neonQueries(sql, statements), sql.query(`insert into ${users} values ($1)`, [name])])
      },
    }
  },
  async 'node:sqlite'() {
    const file = newFile()
    const database = new DatabaseSync(file)
    onTestFinished(() => database.close())
    return {
      driver: sqlite(file),
      users: 'users',
      async signUp(name, statements) {
        database.exec('begin immediate')
        try {
          for (const { sql, parameters } of statements) database.prepare(sql).all(...(parameters as never[]))
          database.prepare('insert into users values (?)').run(name)
          database.exec('commit')
        } catch (error) {
          database.exec('rollback')
          throw error
        }
      },
    }
  },
}

const greet = task('greet', { input: z.object({ name: z.string() }), run: ({ name }) => `Hello, ${name}` })

describe.each(Object.entries(clients))('%s', (_name, open) => {
  test('of prepared jobs of one id, the first is stored', async () => {
    const { driver, users, signUp } = await open()
    onTestFinished(() => driver.close())
    await migrate(driver)
    await rowsOf(driver, `create table ${users} (name text not null)`)
    const queue = defineQueue({ tasks: [greet], logger: silent, connect: () => ({ driver }) }).open()
    const id = '01900000-0000-7000-8000-000000000001'
    const one = greet.using({ id })

    const { statements } = queue.prepareAll([one.call({ name: 'Ada' }), one.call({ name: 'Bob' })])
    await signUp('Ada', statements)

    expect((await queue.find(id))?.payload).toEqual({ name: 'Ada' })
  })

  test('prepared jobs exist if and only if the rest of the batch does', async () => {
    const { driver, users, signUp } = await open()
    onTestFinished(() => driver.close())
    await migrate(driver)
    await rowsOf(driver, `create table ${users} (name text not null)`)
    const queue = defineQueue({ tasks: [greet], logger: silent, connect: () => ({ driver }) }).open()
    const kept = queue.prepare(greet, { name: 'Ada' })
    const later = queue.prepare(greet, { name: 'Bob' }, { runAfter: '1h' })
    const many = queue.prepareAll(
      greet,
      Array.from({ length: 1200 }, (_unused, index) => ({ name: `${index}` })),
    )
    const lost = queue.prepare(greet, { name: 'Eve' })
    const again = queue.prepare(greet, { name: 'Ada' }, { id: kept.job.id })

    await signUp('Ada', [...kept.statements, ...later.statements, ...many.statements])
    await expect(signUp(null, lost.statements)).rejects.toThrow(/null/i)
    await expect(signUp('Dan', again.statements)).rejects.toThrow(/unique|duplicate/i)
    const report = await work(queue)

    expect(await rowsOf(driver, `select name from ${users}`)).toEqual([{ name: 'Ada' }])
    expect(report).toMatchObject({ succeeded: 1201 })
    expect(await queue.find(kept.job.id)).toMatchObject({ state: 'finished', result: 'Hello, Ada' })
    expect(await queue.find(later.job.id)).toMatchObject({ state: 'scheduled' })
    expect(await queue.find(many.jobs[1199]?.id as string)).toMatchObject({ payload: { name: '1199' } })
    expect(await queue.find(lost.job.id)).toBeNull()
    expect(await faultsOf(driver)).toEqual([])
  })
})

test('what cannot be prepared is refused at once', () => {
  const slow = {
    '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value }) },
  } satisfies StandardSchemaV1
  const patient = task('patient', { input: slow })
  const driver = databases.sqlite()
  onTestFinished(() => driver.close())
  const queue = defineQueue({ tasks: [greet, patient], logger: silent, connect: () => ({ driver }) }).open()

  expect(() => queue.prepare(greet, { name: 5 as never })).toThrow(PayloadError)
  expect(() => queue.prepareAll(greet, [{ name: 'Ada' }, { name: 5 as never }])).toThrow(/^\[1\]\.payload\.name: /)
  expect(() => queue.prepare(patient, 'Ada')).toThrow(/task "patient".*\n.*asynchronous/)
  expect(() => queue.prepare(task('stranger'), null)).toThrow(ConfigurationError)
  expect(() => queue.prepareAll(greet.using({ id: newId() }), [{ name: 'Ada' }])).toThrow(ConfigurationError)
})

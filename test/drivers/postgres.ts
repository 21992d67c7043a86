import { randomBytes } from 'node:crypto'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { pg } from '../../src/drivers/pg.ts'
import { defineQueue, task } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { newSchema } from '../support/databases.ts'
import { silent } from '../support/open-queue.ts'
import { newRole } from '../support/roles.ts'
import { rowsOf } from '../support/tables.ts'
import { tick } from '../../src/ticks/index.ts'

const noop = task('noop', { run() {} })

/** How a batch of these statements fails; `none` when it does not. */
export const failureOf = (driver: Driver, ...texts: string[]) =>
  driver.batch(texts.map((sql) => ({ sql, parameters: [] }))).then(
    () => 'none',
    (error: { failure: string }) => error.failure,
  )

/** The same address, as another role. */
function asRole(url: string, role: string): string {
  const own = new URL(url)
  own.username = own.password = new URL(role).username
  return own.href
}

interface Subject {
  /** The connection string of the database that all tests share. */
  url(): string
  connect(url: string, options?: { schema: string; prefix?: string }): Driver
  /** Where an application sets how values are read, for its whole process. */
  readonly types: {
    getTypeParser(type: number): unknown
    setTypeParser(type: number, parse: (text: string) => unknown): void
  }
}

/** What holds of each driver of Postgres. */
export function postgresDriver({ url, connect, types }: Subject): void {
  const open = (as = url()) => {
    const driver = connect(as, { schema: newSchema() })
    onTestFinished(() => driver.close())
    return driver
  }

  test('each failure is told apart', async () => {
    const driver = open()
    await migrate(driver)
    const pause = `insert into ${driver.dialect.schema}.pauses (queue_name, created_at) values ('mail', now())`

    expect(await failureOf(driver, pause)).toBe('none')
    expect(await failureOf(driver, pause)).toBe('duplicate')
    expect(await failureOf(driver, 'select 1', pause)).toBe('duplicate')
    expect(await failureOf(driver, 'select nonsense')).toBe('other')
    expect(await failureOf(driver, 'select 1 / 0')).toBe('other')
    expect(await failureOf(driver, 'select 1 from nowhere')).toBe('missing')
    expect(await failureOf(driver, 'create table nowhere.t (id integer)')).toBe('missing')
    expect(await failureOf(driver, `create table ${driver.dialect.schema}.jobs (id integer)`)).toBe('exists')
    expect(await failureOf(driver, 'set local statement_timeout = 20', 'select pg_sleep(10)')).toBe('retryable')
    expect(await failureOf(driver, 'set transaction read only', pause)).toBe('retryable')
    expect(await failureOf(driver, 'select pg_terminate_backend(pg_backend_pid())')).toBe('unknown')
    // Another connection is had.
    expect(await failureOf(driver, 'select 1')).toBe('none')
  })

  test('an owner of the schema who may create no other migrates it', async () => {
    const { name, url: own, administer } = await newRole(inject('postgresUrl'))
    const schema = newSchema()
    const driver = connect(asRole(url(), own), { schema })
    onTestFinished(() => driver.close())

    await expect(migrate(driver)).rejects.toThrow(
      `An administrator runs: create schema "${schema}" authorization ${name}; then migrate again.`,
    )
    await administer(`create schema "${schema}" authorization ${name}`)
    expect(await migrate(driver)).toHaveLength(1)
  })

  test('a role that may create nothing in a schema is told what an administrator runs', async () => {
    const { name, url: own, administer } = await newRole(inject('postgresUrl'))
    const [schema, prefix] = [newSchema(), `${newSchema()}_`]
    await administer(`create schema "${schema}"`)
    const drivers = [connect(asRole(url(), own), { schema }), connect(asRole(url(), own), { schema: 'public', prefix })]
    onTestFinished(async () => void (await Promise.all(drivers.map((driver) => driver.close()))))

    for (const [index, of] of [schema, 'public'].entries())
      await expect(migrate(drivers[index] as Driver)).rejects.toThrow(
        `An administrator runs: grant usage, create on schema "${of}" to ${name};`,
      )
  })

  test('the tables are in the schema `steadytick`, whatever the search_path, until another is given', async () => {
    const { name: database, url: own, administer } = await newRole(inject('postgresUrl'))
    await administer(`create database ${database} owner ${database}`)
    await administer(`alter role ${database} set search_path = 'nowhere'`)
    onTestFinished(() => administer(`drop database ${database} with (force)`))
    const at = new URL(asRole(url(), own))
    at.pathname = `/${database}`
    const tables = `select nspname || '.' || relname as name from pg_class join pg_namespace on relnamespace = pg_namespace.oid
      where relname like '%jobs' and relkind = 'r' order by 1`

    const drivers = [connect(at.href), connect(at.href, { schema: 'own', prefix: 'app_' })]
    for (const driver of drivers) {
      expect(await migrate(driver)).toHaveLength(1)
      const queue = defineQueue({ tasks: [noop], logger: silent, connect: () => ({ driver }) }).open()
      await queue.enqueue(noop)
      expect(await tick(queue)).toMatchObject({ succeeded: 1 })
    }

    expect(await rowsOf(drivers[0] as Driver, tables)).toEqual([{ name: 'own.app_jobs' }, { name: 'steadytick.jobs' }])
    await Promise.all(drivers.map((driver) => driver.close()))
  })

  test('a schema may have the name of a keyword, but none of those that Postgres keeps', async () => {
    const driver = connect(url(), { schema: 'select', prefix: `${newSchema()}_` })
    onTestFinished(() => driver.close())

    expect(await migrate(driver)).toHaveLength(1)
    expect(() => connect(url(), { schema: 'pg_mine' })).toThrow(/schema: "pg_mine"; Postgres keeps names/)
  })

  test('a batch that fails half way has written nothing', async () => {
    const driver = open()
    await migrate(driver)
    const pauses = `${driver.dialect.schema}.pauses`

    await failureOf(driver, `insert into ${pauses} (queue_name, created_at) values ('mail', now())`, 'select 1 / 0')

    expect(await rowsOf(driver, `select * from ${pauses}`)).toEqual([])
  })

  test('a batch is planned by indexes and not compiled; what follows it is planned as the server is set', async () => {
    const driver = open()
    const settings = `select current_setting('enable_seqscan') as scans, current_setting('jit') as compiles`
    const before = await rowsOf(driver, settings)

    const [, within] = await driver.batch(['select 1', settings].map((sql) => ({ sql, parameters: [] })))

    expect(within?.rows).toEqual([{ scans: 'off', compiles: 'off' }])
    expect(before).toEqual([{ scans: 'on', compiles: 'on' }])
    expect(await rowsOf(driver, settings)).toEqual(before)
  })

  test('of two batches in a deadlock one is told to try again', async () => {
    const driver = open()
    await migrate(driver)
    const queues = `${driver.dialect.schema}.pauses`
    await failureOf(driver, `insert into ${queues} values ('a', now()), ('b', now())`)
    const touch = (name: string) => `update ${queues} set created_at = now() where queue_name = '${name}'`
    // Long enough for the other one to have its first lock.
    const meet = 'select pg_sleep(0.3)'

    const failures = await Promise.all([
      failureOf(driver, touch('a'), meet, touch('b')),
      failureOf(driver, touch('b'), meet, touch('a')),
    ])

    expect(failures.toSorted()).toEqual(['none', 'retryable'])
  })

  test('a batch is READ COMMITTED, whatever is the default of its user', async () => {
    const user = `u${randomBytes(8).toString('hex')}`
    const admin = pg(inject('postgresUrl'))
    await rowsOf(admin, `create role ${user} superuser login password 'secret'`)
    await rowsOf(admin, `alter role ${user} set default_transaction_isolation = 'serializable'`)
    onTestFinished(async () => {
      await rowsOf(admin, `drop role ${user}`)
      await admin.close()
    })
    const as = new URL(url())
    as.username = user
    as.password = 'secret'
    const driver = open(as.href)

    const [, answer] = await driver.batch([
      { sql: 'select $1::int', parameters: [1] },
      {
        sql: `select current_user as who, current_setting('transaction_isolation') as level,
          current_setting('default_transaction_isolation') as standard`,
        parameters: [],
      },
    ])

    expect(answer?.rows).toEqual([{ who: user, level: 'read committed', standard: 'serializable' }])
  })

  test('values are read as we need them, however the application reads its own', async () => {
    const bool = 16
    const int8 = 20
    const int4 = 23
    const float8 = 701
    const timestamptz = 1184
    for (const type of [bool, int8, int4, float8, timestamptz]) {
      const before = types.getTypeParser(type) as (text: string) => unknown
      types.setTypeParser(type, (text) => ({ mine: text }))
      onTestFinished(() => types.setTypeParser(type, before))
    }
    const driver = open()
    await migrate(driver)
    const queue = defineQueue({ tasks: [noop], logger: silent, connect: () => ({ driver }) }).open()

    const { id } = await queue.enqueue(noop)
    const report = await tick(queue)

    expect(report).toMatchObject({ claimed: 1, succeeded: 1 })
    const job = await queue.find(id)
    expect(Math.abs(Date.now() - (job?.enqueuedAt.getTime() ?? 0))).toBeLessThan(60_000)
    expect(job).toMatchObject({ state: 'finished', priority: 0, attempts: 1, finishedAt: expect.any(Date) })
    expect(
      await rowsOf(driver, `select true as bool, 1::int8 as int8, 2::int4 as int4, 0.5::float8 as float8`),
    ).toEqual([{ bool: true, int8: '1', int4: 2, float8: 0.5 }])
  })
}

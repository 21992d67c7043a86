import { DatabaseSync } from 'node:sqlite'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Driver } from '../../src/dialects/driver.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { defineQueue, fixed, PayloadError, task, type Transaction } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { migrate } from '../../src/migrate.ts'
import { fromDrizzle, fromKysely, fromNodeSqlite, fromPrisma } from '../../src/transactions/index.ts'
import { newSchema } from '../support/databases.ts'
import { newFile } from '../support/folders.ts'
import { faultsOf } from '../support/invariants.ts'
import { silent } from '../support/open-queue.ts'
import { prismaClient } from '../support/prisma.ts'
import { rowsOf } from '../support/tables.ts'
import { manage } from '../../src/manage/index.ts'
import { dispatch, tick, work } from '../../src/ticks/index.ts'

interface Library {
  readonly driver: Driver
  /** Writes a user and does more, in one transaction of the library's: all of it, or nothing when `more` throws. */
  signUp(name: string, more: (transaction: Transaction) => Promise<unknown>): Promise<void>
}

/** A schema of its own on Postgres, and a pool for the library. */
function openPostgres() {
  const schema = newSchema()
  const pool = new Pool({ connectionString: inject('postgresUrl'), max: 4 })
  const driver = pg(inject('postgresUrl'), { schema })
  onTestFinished(async () => {
    await driver.close()
    await pool.end()
  })
  return { driver, pool, insert: `insert into ${schema}.users (name) values ($1)` }
}

const libraries: Record<string, () => Library> = {
  pg() {
    const { driver, pool, insert } = openPostgres()
    return {
      driver,
      async signUp(name, more) {
        const client = await pool.connect()
        try {
          await client.query('begin')
          await client.query(insert, [name])
          await more(client)
          await client.query('commit')
        } catch (error) {
          await client.query('rollback')
          throw error
        } finally {
          client.release()
        }
      },
    }
  },
  kysely() {
    const { driver, pool } = openPostgres()
    // A plugin that renames what comes back.
    const db = new Kysely<{ users: { name: string } }>({
      dialect: new PostgresDialect({ pool }),
      plugins: [new CamelCasePlugin()],
    }).withSchema(driver.dialect.schema as string)
    return {
      driver,
      signUp: (name, more) =>
        db.transaction().execute(async (transaction) => {
          await transaction.insertInto('users').values({ name }).execute()
          await more(fromKysely(transaction))
        }),
    }
  },
  drizzle() {
    const { driver, pool } = openPostgres()
    const db = drizzle({ client: pool })
    return {
      driver,
      signUp: (name, more) =>
        db.transaction(async (transaction) => {
          await transaction.execute(
            sql`insert into ${sql.identifier(driver.dialect.schema as string)}.users values (${name})`,
          )
          await more(fromDrizzle(transaction, sql))
        }),
    }
  },
  prisma() {
    const { driver, insert } = openPostgres()
    const client = prismaClient(inject('postgresUrl'))
    onTestFinished(() => client.$disconnect())
    return {
      driver,
      signUp: (name, more) =>
        client.$transaction(async (transaction) => {
          await transaction.$executeRawUnsafe(insert, name)
          await more(fromPrisma(transaction))
        }),
    }
  },
  'node:sqlite'() {
    const file = newFile()
    const driver = sqlite(file)
    const database = new DatabaseSync(file)
    onTestFinished(async () => {
      database.close()
      await driver.close()
    })
    return {
      driver,
      async signUp(name, more) {
        database.exec('begin immediate')
        try {
          database.prepare('insert into users values (?)').run(name)
          await more(fromNodeSqlite(database))
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

describe.each(Object.entries(libraries))('%s', (_name, open) => {
  const openQueue = async () => {
    const { driver, signUp } = open()
    await migrate(driver)
    const users = driver.dialect.schema === null ? 'users' : `${driver.dialect.schema}.users`
    await rowsOf(driver, `create table ${users} (name text not null)`)
    const told: string[] = []
    const queue = defineQueue({
      tasks: [greet],
      logger: silent,
      connect: () => ({ driver, nudge: async () => void told.push('nudge') }),
      on: { 'job.enqueued': ({ id }) => void told.push(id) },
    }).open()
    const usersNow = async () => (await rowsOf(driver, `select name from ${users}`)).map(({ name }) => name)
    return { queue, driver, signUp, usersNow, told }
  }

  test('when it commits, what it wrote and the job exist', async () => {
    const { queue, driver, signUp, usersNow } = await openQueue()
    const enqueued: unknown[] = []

    await signUp('Ada', async (transaction) => {
      const inside = queue.in(transaction)
      enqueued.push(await inside.enqueue(greet, { name: 'Ada' }))
      enqueued.push(await inside.enqueue(greet, { name: 'Bob' }, { runAfter: '1h', priority: 5 }))
      enqueued.push(...(await inside.enqueueAll(greet, [{ name: 'Eve' }, { name: 'Dan' }])))
    })
    const report = await tick(queue)

    expect(enqueued).toMatchObject(['ready', 'scheduled', 'ready', 'ready'].map((state) => ({ state })))
    const [ada, bob] = enqueued as { id: string }[]
    expect(await usersNow()).toEqual(['Ada'])
    expect(report).toMatchObject({ succeeded: 3 })
    expect(await queue.find(ada?.id as string)).toMatchObject({ state: 'finished', result: 'Hello, Ada' })
    expect(await queue.find(bob?.id as string)).toMatchObject({ state: 'scheduled', priority: 5 })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('when it rolls back, neither does', async () => {
    const { queue, driver, signUp, usersNow } = await openQueue()
    const ids: string[] = []

    const signing = signUp('Ada', async (transaction) => {
      const { id } = await queue.in(transaction).enqueue(greet, { name: 'Ada' })
      ids.push(id)
      throw new Error('changed my mind')
    })

    await expect(signing).rejects.toThrow('changed my mind')
    expect(await usersNow()).toEqual([])
    expect(await queue.find(ids[0] as string)).toBeNull()
    expect(await tick(queue)).toMatchObject({ claimed: 0 })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('a payload that is refused ends nothing but its enqueue', async () => {
    const { queue, signUp, usersNow } = await openQueue()

    await signUp('Ada', async (transaction) => {
      await expect(queue.in(transaction).enqueueAll(greet, [{ name: 'Ada' }, { name: 5 as never }])).rejects.toThrow(
        PayloadError,
      )
    })

    expect(await usersNow()).toEqual(['Ada'])
    expect(await tick(queue)).toMatchObject({ claimed: 0 })
  })

  test('a job with an id of its own is stored once, in whatever state it is by then', async () => {
    const { queue, driver, signUp, usersNow } = await openQueue()
    const [first, second] = [newId(), newId()]
    const states: string[] = []
    const createds: boolean[] = []
    const enqueue = (...ids: string[]) =>
      signUp('Ada', async (transaction) => {
        const enqueued = await queue
          .in(transaction)
          .enqueueAll(ids.map((id) => greet.using({ id }).call({ name: 'Ada' })))
        states.push(...enqueued.map(({ state }) => state))
        createds.push(...enqueued.map(({ created }) => created))
      })

    await enqueue(first, first)
    await tick(queue)
    await enqueue(first, first, second)

    expect(states).toEqual(['ready', 'ready', 'finished', 'finished', 'ready'])
    expect(createds).toEqual([true, false, false, false, true])
    expect(await usersNow()).toEqual(['Ada', 'Ada'])
    expect(await tick(queue)).toMatchObject({ succeeded: 1 })
    expect(await faultsOf(driver)).toEqual([])
  })

  test('more jobs than a batch holds are stored', async () => {
    const { queue, signUp } = await openQueue()

    await signUp('Ada', (transaction) =>
      queue.in(transaction).enqueueAll(
        greet,
        Array.from({ length: 1500 }, (_unused, index) => ({ name: `${index}` })),
      ),
    )

    expect(await work(queue)).toMatchObject({ succeeded: 1500 })
  })

  test('nobody is told, and nothing is nudged, until the caller says so', async () => {
    const { queue, signUp, told } = await openQueue()

    await signUp('Ada', (transaction) => queue.in(transaction).enqueue(greet, { name: 'Ada' }))
    expect(told).toEqual([])
    await queue.nudge()

    expect(told).toEqual(['nudge'])
  })
})

test('an open transaction keeps nobody waiting, and its job is seen by nobody', async () => {
  const { driver, signUp } = (libraries['pg'] as () => Library)()
  await migrate(driver)
  await rowsOf(driver, `create table ${driver.dialect.schema}.users (name text)`)
  const queue = defineQueue({ tasks: [greet], logger: silent, connect: () => ({ driver }) }).open()
  const seen: number[] = []

  await signUp('Ada', async (transaction) => {
    await queue.in(transaction).enqueue(greet, { name: 'Ada' })
    await queue.enqueue(greet, { name: 'Bob' })
    seen.push((await tick(queue)).succeeded)
  })
  seen.push((await tick(queue)).succeeded)

  expect(seen).toEqual([1, 1])
})

test('a limited job of an open transaction holds no key: it is scheduled, and placed by the next tick', async () => {
  const { driver, signUp } = (libraries['pg'] as () => Library)()
  await migrate(driver)
  await rowsOf(driver, `create table ${driver.dialect.schema}.users (name text)`)
  const one = task('one', { run: () => {}, concurrency: { key: 'all' } })
  const queue = defineQueue({ tasks: [one], logger: silent, connect: () => ({ driver }) }).open()
  const states: unknown[] = []

  await signUp('Ada', async (transaction) => {
    const inside = await queue.in(transaction).enqueue(one)
    states.push(inside.state, (await queue.enqueue(one)).state, (await queue.enqueue(one)).state)
  })
  await dispatch(queue)

  expect(states).toEqual(['scheduled', 'ready', 'blocked'])
  expect(await manage(queue).jobs.counts()).toMatchObject({ ready: { count: 1 }, blocked: { count: 2 } })
  expect(await tick(queue)).toMatchObject({ succeeded: 3 })
  expect(await faultsOf(driver)).toEqual([])
})

test('a handler that is cut off after its commit commits again, and its child is stored once', async () => {
  const { driver, signUp } = (libraries['pg'] as () => Library)()
  await migrate(driver)
  await rowsOf(driver, `create table ${driver.dialect.schema}.users (name text)`)
  const parent = task('parent', {
    maxAttempts: 2,
    backoff: fixed(0),
    run: async (_: unknown, { queue: inside, childId, attempt }) => {
      const child = greet.using({ id: await childId('child') })
      await signUp('Ada', (transaction) => inside.in(transaction).enqueue(child, { name: 'Ada' }))
      if (attempt === 1) throw new Error('cut off')
    },
  })
  const queue = defineQueue({ tasks: [greet, parent], logger: silent, connect: () => ({ driver }) }).open()
  const { id } = await queue.enqueue(parent, null)

  const reports = [await tick(queue), await tick(queue)]

  expect(reports.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(2)
  expect(await queue.find(id)).toMatchObject({ state: 'finished', attempts: 2 })
  expect(await faultsOf(driver)).toEqual([])
})

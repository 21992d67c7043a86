import { expect, onTestFinished, test } from 'vitest'
import { SchemaError } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import type { OpenDatabase } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { greet } from '../support/tasks.ts'
import { tick } from '../../src/ticks/index.ts'

export function migrating(database: OpenDatabase): void {
  const open = (options = {}) => {
    const driver = database(options)
    onTestFinished(() => driver.close())
    return driver
  }

  test('two migrations at once apply each migration once', async () => {
    const driver = open()

    const applied = await Promise.all([migrate(driver), migrate(driver)])

    expect(applied.flat()).toEqual(['0001_create_jobs.sql'])
  })

  test('migrating again applies nothing', async () => {
    const driver = open()
    await migrate(driver)

    expect(await migrate(driver)).toEqual([])
  })

  test('tables with a prefix of your own work alike', async () => {
    const { queue } = await openQueue((options) => database({ ...options, prefix: `own${Date.now() % 1e9}_` }))
    const { id } = await queue.enqueue(greet, { name: 'World' })

    await tick(queue)

    expect((await queue.find(id))?.state).toBe('finished')
  })

  test('a foreign table of one of the names is refused, and nothing is created', async () => {
    const driver = open({ prefix: `foreign${Date.now() % 1e9}_` })
    const schema = driver.dialect.schema
    await driver.create?.()
    if (schema !== null) await rowsOf(driver, `create schema ${schema}`)
    await rowsOf(driver, `create table ${table(driver, 'jobs')} (theirs text)`)

    await expect(migrate(driver)).rejects.toThrow(SchemaError)
    await expect(migrate(driver)).rejects.toThrow(/prefix/)
  })

  test('a tick on a database that nobody migrated names it, and says what to do', async () => {
    const driver = open()
    await driver.create?.()
    const { defineQueue } = await import('../../src/index.ts')
    const queue = defineQueue({ tasks: [greet], connect: () => ({ driver }) }).open()

    const refused = await tick(queue).catch((error: Error) => error)
    expect(refused).toBeInstanceOf(SchemaError)
    expect(refused).toMatchObject({ message: expect.stringContaining(`${driver.database} has no tables`) })
    expect(refused).toMatchObject({ message: expect.stringContaining(`Run \`${driver.migratedBy}\`.`) })
  })
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { table } from '../support/tables.ts'
import { type Store, stores } from './stores.ts'

/** Statements that no transition may hold: a reader that finds nothing in them would find nothing anywhere. */
describe.each(Object.keys(stores) as Dialect['name'][])('%s', (dialect) => {
  let store: Store
  beforeAll(async () => {
    store = await stores[dialect]({ shape: 'varied', analyzed: 'now' })
  })
  afterAll(() => store.close())

  async function read(sql: string) {
    const named = sql.replaceAll(/\{(\w+)\}/g, (_, name: string) => table(store, name))
    const { faults, walked, visited, pages } = await store.read([{ sql: named, parameters: [] }])
    return { told: [...faults, ...walked].join('\n'), read: visited ?? pages }
  }

  test('a scan of a table is told', async () => {
    const { told, read: amount } = await read(`select id from {jobs} where task_name = 'none'`)

    expect(told).toMatch(/steadytick_jobs/)
    expect(amount).toBeGreaterThan(1000)
  })

  test('a scan under an alias is told', async () => {
    const { told } = await read(`select r.job_id from {ready_executions} as r where length(r.queue_name) > 99`)

    expect(told).toMatch(/steadytick_ready/)
  })

  test('a sort of a table is told, although a LIMIT stands above it', async () => {
    const { told } = await read(
      `select job_id from {ready_executions} where queue_name = 'default' order by created_at limit 10`,
    )

    expect(told).toMatch(/sort by created_at|TEMP B-TREE FOR ORDER BY/i)
  })

  test('a sort of what a LIMIT has bounded is not', async () => {
    const { told } = await read(
      `select job_id from (select job_id, created_at from {ready_executions} where queue_name = 'default'
        order by rank, job_id limit 10) r order by created_at`,
    )

    expect(told).toBe('')
  })

  test('a range without a LIMIT is told by what it reads', async () => {
    const { told, read: amount } = await read(`select job_id from {ready_executions} where queue_name = 'default'`)

    expect(told).not.toMatch(/sort/i)
    expect(amount).toBeGreaterThan(50)
  })

  test('a walk that a filter keeps going is told', async () => {
    const { told, read: amount } = await read(
      `select job_id from {ready_executions} where length(queue_name) > 99 order by rank, job_id limit 10`,
    )

    expect(told).toMatch(/steadytick_ready/)
    expect(amount).toBeGreaterThan(50)
  })
})

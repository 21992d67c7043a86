import { afterAll, beforeAll } from 'vitest'
import type { TestHarness } from 'wrangler'
import { type D1Binding, d1 } from '../../src/drivers/d1.ts'
import { startWorker } from '../support/workerd.ts'
import { conformance } from './suite.ts'

let harness: TestHarness
let database: D1Binding
let tests = 0

beforeAll(async () => {
  harness = await startWorker()
  const env = await harness.getWorker<{ DB: D1Binding }>().getEnv()
  database = env.DB
})
afterAll(() => harness.close())

// One database for all tests, who differ by prefix.
conformance('d1', ({ schema: _, ...options } = {}) => d1(database, { prefix: `t${(tests += 1)}_`, ...options }))

import { afterAll, beforeAll } from 'vitest'
import type { TestHarness } from 'wrangler'
import { type D1Binding, d1 } from '../../src/drivers/d1.ts'
import { startWorker } from '../support/workerd.ts'
import { races } from './races.ts'

let harness: TestHarness
let database: D1Binding

beforeAll(async () => {
  harness = await startWorker()
  const env = await harness.getWorker<{ DB: D1Binding }>().getEnv()
  database = env.DB
})
afterAll(() => harness.close())

races(({ schema, clock }) => d1(database, { prefix: `${schema}_`, clock }))

import { afterAll, beforeAll } from 'vitest'
import { d1 } from '../../src/drivers/d1.ts'
import { startD1 } from '../support/workerd.ts'
import { conformance } from './suite.ts'

let started: Awaited<ReturnType<typeof startD1>>
let tests = 0

beforeAll(async () => {
  started = await startD1()
})
afterAll(() => started.close())

// One database for all tests, who differ by prefix.
conformance('d1', ({ schema: _, ...options } = {}) => d1(started.database, { prefix: `t${(tests += 1)}_`, ...options }))

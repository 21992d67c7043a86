import { afterAll, beforeAll } from 'vitest'
import { d1 } from '../../src/drivers/d1.ts'
import { takingAtMost } from '../support/flaky-driver.ts'
import { startD1 } from '../support/workerd.ts'
import { conformance } from './suite.ts'

let started: Awaited<ReturnType<typeof startD1>>
let tests = 0

beforeAll(async () => {
  started = await startD1()
})
afterAll(() => started.close())

/** What Cloudflare's D1 takes, and the one of workerd does not mind: https://developers.cloudflare.com/d1/platform/limits/ */
const maxTextBytes = 2_000_000

// One database for all tests, who differ by prefix.
conformance('d1', ({ schema: _, ...options } = {}) =>
  takingAtMost(maxTextBytes, d1(started.database, { prefix: `t${(tests += 1)}_`, ...options })),
)

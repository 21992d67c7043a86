import { afterAll, beforeAll } from 'vitest'
import { d1 } from '../../src/drivers/d1.ts'
import { startD1 } from '../support/workerd.ts'
import { races } from './races.ts'

let started: Awaited<ReturnType<typeof startD1>>

beforeAll(async () => {
  started = await startD1()
})
afterAll(() => started.close())

races(({ schema, clock }) => d1(started.database, { prefix: `${schema}_`, clock }))

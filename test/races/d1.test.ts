import { afterAll, beforeAll } from 'vitest'
import { d1 } from '../../src/drivers/d1.ts'
import { startD1 } from '../support/workerd.ts'
import type { Connect } from './racers.ts'
import { races } from './races.ts'
import { recurringRaces } from './recurring.ts'

let started: Awaited<ReturnType<typeof startD1>>

beforeAll(async () => {
  started = await startD1()
})
afterAll(() => started.close())

const connect: Connect = ({ schema, clock }) => d1(started.database, { prefix: `${schema}_`, clock })
races(connect)
// Its local form takes some 20 ms for a batch.
recurringRaces(connect, { stepMinutes: 30 })

import { inject } from 'vitest'
import { pg } from '../../src/drivers/pg.ts'
import { lockRaces } from './postgres.ts'
import type { Connect } from './racers.ts'
import { races } from './races.ts'
import { recurringRaces } from './recurring.ts'

const connect: Connect = (options) => pg({ connectionString: inject('postgresUrl'), max: 2 }, options)
races(connect)
lockRaces(connect)
recurringRaces(connect)

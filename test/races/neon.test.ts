import { inject } from 'vitest'
import { neon } from '../../src/drivers/neon.ts'
import { lockRaces } from './postgres.ts'
import type { Connect } from './racers.ts'
import { races } from './races.ts'
import { recurringRaces } from './recurring.ts'

const connect: Connect = (options) => neon(inject('neonUrl'), options)
races(connect)
lockRaces(connect)
recurringRaces(connect)

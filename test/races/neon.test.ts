import { inject } from 'vitest'
import { neon } from '../../src/drivers/neon.ts'
import { races } from './postgres.ts'

races((options) => neon(inject('neonUrl'), options))

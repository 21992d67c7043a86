import { inject } from 'vitest'
import { pg } from '../../src/drivers/pg.ts'
import { races } from './postgres.ts'

races((options) => pg({ connectionString: inject('postgresUrl'), max: 2 }, options))

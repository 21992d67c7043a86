import { beforeAll, describe, inject } from 'vitest'
import { neon } from '../../src/drivers/neon.ts'
import { pg } from '../../src/drivers/pg.ts'
import { newSchema } from '../support/databases.ts'
import { newRole } from '../support/roles.ts'
import { conformance } from './suite.ts'

/** What a role, a database or a server may have set, and no statement may depend on. */
const odd = {
  DateStyle: 'German, DMY',
  TimeZone: 'Asia/Kolkata',
  IntervalStyle: 'sql_standard',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  default_transaction_isolation: 'serializable',
  search_path: 'nowhere',
  statement_timeout: '5s',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  array_nulls: 'off',
}

let role: Awaited<ReturnType<typeof newRole>>

beforeAll(async () => {
  role = await newRole(inject('postgresUrl'), odd)
  await role.administer(`grant create on database postgres to ${role.name}`)
})

describe('a role whose settings are odd', () => {
  conformance('pg', (options) => pg({ connectionString: role.url, max: 12 }, { schema: newSchema(), ...options }))
  conformance('neon', (options) => {
    const url = new URL(inject('neonUrl'))
    url.username = role.name
    url.password = role.name
    return neon(url.href, { schema: newSchema(), ...options })
  })
})

import type { Driver } from '../../src/dialects/driver.ts'
import type { Row } from '../../src/dialects/query.ts'

/** A table as it is named in SQL. */
export const table = ({ dialect: { schema, prefix } }: Pick<Driver, 'dialect'>, name: string): string =>
  `${schema === null ? '' : `"${schema}".`}"${prefix}${name}"`

/** A column of instants as milliseconds since 1970, in SQL. */
export const inMs = ({ dialect }: Pick<Driver, 'dialect'>, column: string): string =>
  dialect.name === 'sqlite' ? column : `(extract(epoch from ${column}) * 1000)::bigint`

/** The answer of one statement, past the queue. */
export async function rowsOf(driver: Driver, sql: string): Promise<readonly Row[]> {
  const [answer] = await driver.batch([{ sql, parameters: [] }])
  return answer?.rows ?? []
}

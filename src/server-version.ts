import type { Driver } from './dialects/driver.ts'
import { ConfigurationError } from './errors.ts'

/**
 * The server and its version, such as `PostgreSQL 18.4`.
 *
 * @throws ConfigurationError when it is older than Postgres 12
 */
export async function requireServer({ dialect, batch }: Driver): Promise<string> {
  const [answer] = await batch([
    dialect.name === 'postgres'
      ? {
          sql: `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
          parameters: [],
        }
      : { sql: 'select sqlite_version() as version, 0 as number', parameters: [] },
  ])
  const { version, number } = answer?.rows[0] ?? {}
  if (dialect.name === 'postgres' && Number(number) < 120_000)
    throw new ConfigurationError('The database', [
      { path: '', message: `it is PostgreSQL ${String(version)}; use 12 or later` },
    ])
  return `${dialect.name === 'postgres' ? 'PostgreSQL' : 'SQLite'} ${String(version)}`
}

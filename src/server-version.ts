import type { Driver } from './dialects/driver.ts'
import { ConfigurationError } from './errors.ts'

/**
 * The server and its version, such as `PostgreSQL 18.4`. Null where it is not asked: SQLite comes with its driver or its
 * platform, and D1 would not tell.
 *
 * @throws ConfigurationError when it is older than Postgres 12
 */
export async function requireServer({ dialect, batch }: Driver): Promise<string | null> {
  if (dialect.name !== 'postgres') return null
  const [answer] = await batch([
    {
      sql: `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
      parameters: [],
    },
  ])
  const { version, number } = answer?.rows[0] ?? {}
  if (Number(number) < 120_000)
    throw new ConfigurationError('The database', [
      { path: '', message: `it is PostgreSQL ${String(version)}; use 12 or later` },
    ])
  return `PostgreSQL ${String(version)}`
}

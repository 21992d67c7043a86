import type { Driver } from '../dialects/driver.ts'
import { configNames } from './config.ts'
import { UsageError } from './usage-error.ts'

/**
 * The driver of `DATABASE_URL`: `file:…` is SQLite, a path relative to this folder; `postgres://…` is Postgres.
 *
 * @throws UsageError when there is no such variable, or it has another form
 */
export async function driverByUrl(url: string | undefined): Promise<Driver> {
  if (url === undefined || url === '')
    throw new UsageError(
      `There is no ${configNames[0]} here, and DATABASE_URL is not set. Go to the folder of the config, give --config, or set DATABASE_URL (file:… or postgres://…).`,
    )
  if (url.startsWith('file:')) {
    const { sqlite } = await import('../drivers/sqlite.ts')
    return sqlite(pathOf(url))
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    requireUrl(url)
    const { pg } = await import('../drivers/pg.ts').catch(sayWhatIsMissing)
    return pg(url)
  }
  // The rest of the URL may hold a password, so only the scheme is shown.
  const [scheme = ''] = /^[a-z]*/i.exec(url) ?? []
  throw new UsageError(
    `DATABASE_URL begins with "${scheme}", which is not known here. Use file:… (SQLite) or postgres://….`,
  )
}

/** The package of a driver is the user's to install. */
function sayWhatIsMissing(error: unknown): never {
  if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new UsageError('DATABASE_URL is a Postgres, which takes the package pg: npm install pg')
}

/** An empty path would be a database that is gone when the process ends; the part after a `?` may be a secret. */
function pathOf(url: string): string {
  const encoded = url.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
  try {
    const path = decodeURIComponent(encoded)
    if (path !== '' && !/[?#]/.test(encoded)) return path
  } catch {
    // A % that escapes nothing.
  }
  throw new UsageError(
    'DATABASE_URL begins with "file:", and names no file. Write file:path/to/queue.db; in a path, % is %25, ? is %3F, # is %23.',
  )
}

/** A URL may hold a password, so an error must not repeat it. */
function requireUrl(text: string): void {
  if (URL.canParse(text)) return
  throw new UsageError(
    'DATABASE_URL is no valid URL. Write postgres://user:password@host:5432/database, and escape what is special.',
  )
}

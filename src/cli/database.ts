import type { Connection } from '../queue.ts'
import { UsageError } from './usage-error.ts'

export interface Database {
  readonly connection: Connection
  /** What it is, without its password. */
  readonly label: string
}

const standard = 'file:.steadytick/queue.db'

/**
 * Opens the database that `DATABASE_URL` names: `file:…` is SQLite (a path, relative to this folder), `postgres://…` is
 * Postgres. None: SQLite in `.steadytick/queue.db`.
 *
 * @throws UsageError when it is neither
 */
export async function openDatabase(url: string | undefined): Promise<Database> {
  const target = url === undefined || url === '' ? standard : url
  if (target.startsWith('file:')) {
    const path = pathOf(target)
    const { sqlite } = await import('../drivers/sqlite.ts')
    const why = target === standard ? ', since DATABASE_URL is not set' : ''
    return { connection: { driver: sqlite(path) }, label: `SQLite ${path}${why}` }
  }
  if (/^postgres(ql)?:\/\//.test(target)) {
    const { host, pathname } = parseUrl(target)
    const { pg } = await import('../drivers/pg.ts').catch(sayWhatIsMissing)
    return { connection: { driver: pg(target) }, label: `Postgres ${host}${pathname}` }
  }
  throw new UsageError(
    `DATABASE_URL begins with "${target.split(':')[0] ?? ''}:", which is not known here. Use file:… (SQLite) or postgres://….`,
  )
}

/** The package of a driver is the user's to install. */
function sayWhatIsMissing(error: unknown): never {
  if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new UsageError('DATABASE_URL is a Postgres, which takes the package pg: npm install pg')
}

/** An empty path would be a database that is gone when the process ends. */
function pathOf(url: string): string {
  const encoded = url.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
  try {
    const path = decodeURIComponent(encoded)
    if (path !== '') return path
  } catch {
    // A % that escapes nothing.
  }
  throw new UsageError(`DATABASE_URL is "${url}", which names no file. Write file:path/to/queue.db; a % in it is %25.`)
}

/** A URL holds a password, so an error must not repeat it. */
function parseUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new UsageError(
    'DATABASE_URL is no valid URL. Write postgres://user:password@host:5432/database, and escape what is special.',
  )
}

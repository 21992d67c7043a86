import { closeSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DatabaseError } from '../dialects/driver.ts'

/** A SQLite file that is open. */
export interface SqliteFile {
  readonly database: DatabaseSync
  /** @throws DatabaseError when the path is no longer the file that was opened: writes to that file would be lost */
  requireThere(): void
}

// The wait blocks this process, so it is short; a batch that finds the file busy is sent again.
const options = { timeout: 200 }

/**
 * Opens an existing file.
 *
 * @param path absolute, or `:memory:`
 * @throws DatabaseError when the file does not exist, or cannot be opened
 */
export function openFile(path: string): SqliteFile {
  if (path === ':memory:') return { database: new DatabaseSync(path, options), requireThere() {} }
  return naming(path, () => {
    if (identityOf(path) === null)
      throw new Error('there is no such file. Is the path right? `steadytick migrate` makes a new database')
    const database = new DatabaseSync(path, options)
    const opened = identityOf(path)
    const requireThere = () => {
      if (identityOf(path) !== opened)
        throw new Error('the file was removed or replaced while it was open. Start this process again')
    }
    return { database, requireThere: () => naming(path, requireThere) }
  })
}

/**
 * Makes an empty file if there is none. A folder that is made with it is for its owner alone, and is kept out of
 * repositories and packages, because payloads are in the file.
 *
 * @param path absolute, or `:memory:`
 * @throws DatabaseError when the file cannot be made
 */
export function createFile(path: string): void {
  if (path === ':memory:') return
  naming(path, () => {
    const folder = dirname(path)
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined
    if (made) writeFileSync(join(folder, '.gitignore'), '*\n')
    closeSync(openSync(path, 'a'))
  })
}

/** The identity of the file at a path; null: there is none. */
function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : null
}

function naming<T>(path: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    throw new DatabaseError('unreachable', inFile(path, error))
  }
}

/** An error that names its file. */
export const inFile = (path: string, cause: unknown): Error =>
  new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })

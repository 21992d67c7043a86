import type { Failure } from '../driver.ts'

/** What an error of SQLite says of a table. It has one code for all errors in a statement, and one language. Null: nothing. */
export function tableFailureOf(error: unknown): Failure | null {
  const { message } = error as { message?: unknown }
  if (/no such table/.test(String(message))) return 'missing'
  return /(table|index) \S+ already exists/.test(String(message)) ? 'exists' : null
}

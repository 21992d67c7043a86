import type { Failure } from '../driver.ts'

/**
 * Whether an error of SQLite is of a table or index that is missing or exists; null: neither. It reads the message,
 * because SQLite has one code for all errors in a statement, and one language.
 */
export function tableFailureOf(error: unknown): Failure | null {
  const { message } = error as { message?: unknown }
  if (/no such table/.test(String(message))) return 'missing'
  return /(table|index) \S+ already exists/.test(String(message)) ? 'exists' : null
}

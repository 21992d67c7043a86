import type { Failure } from '../driver.ts'

/**
 * Nothing was written, and the batch may pass later: serialization, deadlock, a lock that is held, a server that is
 * read-only since a failover, or is out of connections, memory or disk, a statement's timeout.
 */
const retryable = /^(40...|55P03|25006|53...|57014)$/

/**
 * An administrator, a shutdown or a timeout ended the session, or the connection or the disk failed: perhaps during
 * COMMIT.
 */
const outcomeUnknown = /^(08...|40003|57P..|25P03|25P04|58...)$/

/** By SQLSTATE alone: a server's messages may be in any language (`lc_messages`). */
const named: Readonly<Record<string, Failure>> = {
  // unique_violation; undefined_table, invalid_schema_name; duplicate_table, duplicate_object
  '23505': 'duplicate',
  '42P01': 'missing',
  '3F000': 'missing',
  '42P07': 'exists',
  '42710': 'exists',
}

/**
 * Classifies a batch's error by its SQLSTATE. Null: the error has none, so the server did not refuse the batch.
 *
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function failureOf(error: unknown): Failure | null {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return null
  if (outcomeUnknown.test(code)) return 'unknown'
  return named[code] ?? (retryable.test(code) ? 'retryable' : 'other')
}

import { type RawBuilder, sql } from 'kysely'

/** Adds an error, with its instant in milliseconds, to a job's list of the last ten. */
export function appendError(
  errors: RawBuilder<unknown>,
  error: RawBuilder<unknown>,
  now: RawBuilder<Date>,
): RawBuilder<unknown> {
  return sql`json_insert(
    iif(json_array_length(coalesce(${errors}, '[]')) >= 10, json_remove(${errors}, '$[0]'), coalesce(${errors}, '[]')),
    '$[#]', json_set(${error}, '$.at', ${now}))`
}

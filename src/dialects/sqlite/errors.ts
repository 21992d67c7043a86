import { type RawBuilder, sql } from 'kysely'

/**
 * Adds an error, with its instant in milliseconds, to a job's list of the last ten. A new list replaces a value that is
 * no JSON array, as another program may have left it: read as JSON, such a value would fail the whole batch.
 */
export function appendError(
  errors: RawBuilder<unknown>,
  error: RawBuilder<unknown>,
  now: RawBuilder<Date>,
): RawBuilder<unknown> {
  const list = sql`iif(json_valid(${errors}) and json_type(${errors}) = 'array', ${errors}, '[]')`
  return sql`json_insert(
    iif(json_array_length(${list}) >= 10, json_remove(${list}, '$[0]'), ${list}),
    '$[#]', json_set(${error}, '$.at', ${now}))`
}

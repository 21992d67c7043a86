import { type RawBuilder, sql } from 'kysely'

/**
 * Adds an error, with its instant in milliseconds, to a job's list of the last ten. A new list replaces a value that is
 * no array, as another program may have left it.
 */
export function appendError(
  errors: RawBuilder<unknown>,
  error: RawBuilder<unknown>,
  now: RawBuilder<Date>,
): RawBuilder<unknown> {
  return sql`(case when ${errors} is null or jsonb_typeof(${errors}) <> 'array' then '[]'
    when jsonb_array_length(${errors}) >= 10 then ${errors} - 0 else ${errors} end
    || jsonb_build_array(${error} || jsonb_build_object('at', floor(extract(epoch from ${now}) * 1000))))`
}

import { type RawBuilder, sql } from 'kysely'

/** Adds an error, with its instant in milliseconds, to a job's list of the last ten. */
export function appendError(
  errors: RawBuilder<unknown>,
  error: RawBuilder<unknown>,
  now: RawBuilder<Date>,
): RawBuilder<unknown> {
  return sql`(case when jsonb_array_length(coalesce(${errors}, '[]')) >= 10 then ${errors} - 0
    else coalesce(${errors}, '[]') end
    || jsonb_build_array(${error} || jsonb_build_object('at', floor(extract(epoch from ${now}) * 1000))))`
}

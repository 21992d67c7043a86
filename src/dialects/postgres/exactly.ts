import { type RawBuilder, sql } from 'kysely'

/**
 * `column = value`, as a range. With `=`, the planner may believe that all rows are alike, and read another index, filtering
 * it: then an empty queue reads every ready job. A range can only be read from an index that begins with the column.
 */
export const exactly = (column: RawBuilder<unknown>, value: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`${column} between ${value} and ${value}`

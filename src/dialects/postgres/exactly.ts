import { type RawBuilder, sql } from 'kysely'

/**
 * `column = value`, as a range. With `=`, the planner may assume that all rows are alike, and filter another index: an
 * empty queue would then read every ready job. A range can only be read from an index that begins with the column.
 */
export const exactly = (column: RawBuilder<unknown>, value: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`${column} between ${value} and ${value}`

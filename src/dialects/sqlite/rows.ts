import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../query.ts'

export function rows(list: unknown, columns: Readonly<Record<string, Column>>): RawBuilder<unknown> {
  const selected = Object.keys(columns).map((name) => `value ->> '$.${name}' as ${name}`)
  return sql`(select ${sql.raw(selected.join(', '))} from json_each(${list}))`
}

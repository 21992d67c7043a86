import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../query.ts'

const types: Record<Column, string> = {
  text: 'text',
  uuid: 'uuid',
  integer: 'bigint',
  json: 'text',
  instant: 'double precision',
}

/** JSON travels as text: a `json` value may hold content that a record may not. */
const read: Partial<Record<Column, (name: string) => string>> = {
  json: (name) => `${name}::json as ${name}`,
  instant: (name) => `to_timestamp(${name} / 1000) as ${name}`,
}

export function rows(list: unknown, columns: Readonly<Record<string, Column>>): RawBuilder<unknown> {
  const names = Object.entries(columns)
  const selected = names.map(([name, column]) => read[column]?.(name) ?? name).join(', ')
  const declared = names.map(([name, column]) => `${name} ${types[column]}`).join(', ')
  return sql`(select ${sql.raw(selected)} from json_to_recordset(${list}::json) as x(${sql.raw(declared)}))`
}

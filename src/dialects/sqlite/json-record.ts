/**
 * JSON text of a record that has members which are JSON text already. They stand in it as they are: escaped once more, a
 * payload of quotation marks would be twice as long, and D1 takes texts up to 2,000,000 bytes. Read them with `->`, which
 * gives them back as they were; null: the record has no such member.
 */
export function jsonRecord(plain: object, json: Readonly<Record<string, string | null>>): string {
  const members = Object.entries(json).flatMap(([name, text]) => (text === null ? [] : [`,"${name}":${text}`]))
  return `${JSON.stringify(plain).slice(0, -1)}${members.join('')}}`
}

/**
 * The JSON text of a record, some members of which are JSON text already. These members stand in it unescaped: escaped,
 * a payload of quotation marks would be twice as long, and D1 takes texts up to 2,000,000 bytes. Read them with `->`,
 * which gives the same JSON text. A member that is null is left out.
 */
export function jsonRecord(plain: object, json: Readonly<Record<string, string | null>>): string {
  const members = Object.entries(json).flatMap(([name, text]) => (text === null ? [] : [`,"${name}":${text}`]))
  return `${JSON.stringify(plain).slice(0, -1)}${members.join('')}}`
}

const longest = 100

/** A text of `most` characters at most; `…` says that there is more. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`

/**
 * A value as an error repeats it: on one line, and short. A list or an object is only named: its parts may be endless,
 * and its `toString` anything.
 */
export function quote(value: unknown): string {
  if (typeof value === 'string') return printableJson(JSON.stringify(cut(value, longest)))
  if (Array.isArray(value)) return '[…]'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'object' && value !== null) return '{…}'
  return typeof value === 'function' ? 'a function' : cut(String(value), longest)
}

/**
 * JSON that is safe to show on a terminal. JSON itself does not escape control characters above U+007E, invisible
 * characters, marks of direction and separators of lines. They could move the cursor, or begin a line that looks like
 * another.
 */
export const printableJson = (json: string): string =>
  json.replaceAll(/[\u007f-\u009f\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )

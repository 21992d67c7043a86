import type { QueuePattern } from './queue-patterns.ts'

/**
 * The names that an entry matches, from `low` on, before `high`, in the byte order of databases. A database can seek a
 * range in an index, but no pattern.
 */
export interface QueueRange {
  readonly low: string
  readonly high: string
  /** Whether the range may hold more than one name. */
  readonly open: boolean
}

/** Longer than any name, and sorted behind all names. */
const behindAll = '\u{10FFFF}'.repeat(128)

/** The first text behind a name. Names have no control characters, so no other name lies between the two. */
export const behindName = (name: string): string => `${name}\u0001`

export function rangeOf(entry: QueuePattern): QueueRange {
  switch (entry.kind) {
    case 'all':
      return { low: '', high: behindAll, open: true }
    case 'prefix':
      return { low: entry.prefix, high: behind(entry.prefix), open: true }
    default:
      return { low: entry.name, high: behindName(entry.name), open: false }
  }
}

/**
 * The first text behind all names with this prefix: its last character becomes the next one. There is no next one after
 * U+10FFFF, and lone surrogates are passed over.
 */
function behind(prefix: string): string {
  const points = Array.from(prefix, (character) => Number(character.codePointAt(0)))
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return behindAll
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

import type { QueuePattern } from './queue-patterns.ts'

/**
 * The names that an entry matches, as databases compare them, by their bytes: from `low` on, before `high`. A database can
 * seek a range in an index, and no pattern.
 */
export interface QueueRange {
  readonly low: string
  readonly high: string
  /** Whether it may hold more than one name. */
  readonly open: boolean
}

/** No name is as long as this, and none is behind it. */
const behindAll = '\u{10FFFF}'.repeat(128)

/** The first text behind a name. Names have no control characters, so no other lies between the two. */
export const behindName = (name: string): string => `${name}\u0001`

/** The range of an entry. */
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

/** The first text behind all that begin so: the last character is the next one. There is none behind U+10FFFF, nor a lone surrogate. */
function behind(prefix: string): string {
  const points = Array.from(prefix, (character) => Number(character.codePointAt(0)))
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return behindAll
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

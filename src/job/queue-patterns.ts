import type { Issue } from './issue.ts'
import { quote } from './quote.ts'

/** One entry of a worker's `queues`. */
export type QueuePattern =
  | { readonly kind: 'all' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'prefix'; readonly prefix: string }

/** A worker's `queues` in the order of preference, and warnings of ignored entries. */
export interface QueuePatterns {
  readonly entries: readonly QueuePattern[]
  readonly warnings: readonly string[]
}

/**
 * Reads a worker's `queues`: `*` is every queue, `name` one queue, `name*` the queues whose names begin so. A `*`
 * anywhere else is ignored with a warning; duplicates are dropped. Queue order beats priority; queues of one entry rank
 * alike.
 */
export function parseQueuePatterns(list: readonly string[]): QueuePatterns {
  const entries: QueuePattern[] = []
  const warnings: string[] = []
  for (const text of new Set(list)) {
    const star = text.indexOf('*')
    if (isImpossible(text)) warnings.push(`queues: ${JSON.stringify(text)} is ignored; no queue's name is like that`)
    else if (text === '*') entries.push({ kind: 'all' })
    else if (star === -1 && text !== '') entries.push({ kind: 'name', name: text })
    else if (star > 0 && star === text.length - 1) entries.push({ kind: 'prefix', prefix: text.slice(0, -1) })
    else warnings.push(`queues: ${quote(text)} is ignored; "*" may stand alone or at the end of a name`)
  }
  if (entries.length === 0) warnings.push('queues: nothing is left, so this worker performs nothing')
  return { entries, warnings }
}

/** Whether an entry matches the queue of this name. */
export const matches = (entry: QueuePattern, queueName: string): boolean =>
  entry.kind === 'all' || (entry.kind === 'name' ? entry.name === queueName : queueName.startsWith(entry.prefix))

/** The index of the first entry that a queue matches; null when none does. */
export function preferenceOf({ entries }: QueuePatterns, queueName: string): number | null {
  const preference = entries.findIndex((entry) => matches(entry, queueName))
  return preference === -1 ? null : preference
}

/** Control characters, and halves of characters: a database may refuse them. */
// oxlint-disable-next-line no-control-regex
const isImpossible = (text: string): boolean => /[\u0000-\u001f\u007f-\u009f]/.test(text) || !text.isWellFormed()

/** Says what is wrong with the name of a queue; null when the name is valid. */
export function queueNameIssue(name: unknown, path: string): Issue | null {
  if (typeof name !== 'string' || name === '') return { path, message: "a queue's name is a text that is not empty" }
  if (name.length > 255) return { path, message: `${quote(name)} has ${name.length} characters; 255 at most` }
  // Two queues whose names look the same would be taken for one.
  if (
    /[*\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(name) ||
    name.trim() !== name ||
    isImpossible(name)
  )
    return {
      path,
      message: `${quote(name)} has a "*", a character that is not seen, or white space at an end; leave it out`,
    }
  return null
}

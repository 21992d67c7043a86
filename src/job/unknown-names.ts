import { cut } from './quote.ts'
import type { Issue } from './issue.ts'

/**
 * An issue for each name of an object that is not known: a misspelt option would be left out in silence.
 *
 * @param at what stands in front of each name, such as `workers.mail.`; default: nothing
 */
export function unknownNames(given: object, known: Iterable<string>, at = ''): Issue[] {
  const names = new Set(known)
  return Object.keys(given).flatMap((name) =>
    names.has(name)
      ? []
      : [{ path: `${at}${cut(name, 100)}`, message: `is not known; there are ${[...names].join(', ')}` }],
  )
}

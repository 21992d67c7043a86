import { cut } from './quote.ts'

/**
 * A problem for each name of an object that is not known: a misspelt option would be left out in silence.
 *
 * @param at what stands in front of each name, such as `workers.mail.`; default: nothing
 */
export function unknownNames(given: object, known: Iterable<string>, at = ''): string[] {
  const names = new Set(known)
  return Object.keys(given).flatMap((name) =>
    names.has(name) ? [] : [`${at}${cut(name, 100)}: is not known; there are ${[...names].join(', ')}`],
  )
}

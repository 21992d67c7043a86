import { fnv1a } from './fnv1a.ts'
import type { JobErrorData } from './job-error.ts'

/**
 * A fingerprint that failures of the same cause share: 8 hex digits of an error's name and the shape of its message. In
 * the shape, ids, numbers and the part of a URL behind its host do not count. Short enough to type; 32 bits are plenty
 * for the few kinds of failure that a task has.
 */
export function fingerprintOf({ name, message }: Pick<JobErrorData, 'name' | 'message'>): string {
  return fnv1a(`${name}: ${shapeOf(message)}`)
}

function shapeOf(message: string): string {
  return (
    message
      .replaceAll(/\b(https?:\/\/[^/\s"'?#]+)[^\s"')]*/gi, '$1')
      .replaceAll(/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,4}/g, '@')
      .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '#')
      .replaceAll(/\b(?:0x[0-9a-f]+|(?=[a-z]*\d)[0-9a-f]{7,})\b/gi, '#')
      // ULIDs, nanoids, ids with a prefix: long words of letters and several digits.
      .replaceAll(/(?<![a-z0-9])(?=[a-z]*\d[a-z]*\d)(?=\d*[a-z])[a-z0-9]{10,}(?![a-z0-9])/gi, '#')
      .replaceAll(/\d+/g, '#')
  )
}

import { quote } from './quote.ts'

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/

/** Whether a value begins like a date, so that an instant is meant, and no duration. */
export const looksLikeInstant = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d?-/.test(value)

/**
 * Reads an instant in the form of RFC 3339: a day, a time, and `Z` or an offset. Anything finer than a millisecond is
 * cut off.
 *
 * `Date` reads more forms, and differently: it takes a day that no month has for one of the next month, and a time
 * without a zone for one of the local zone.
 */
export function readInstant(text: string): Date | { readonly problem: string } {
  const [, year, month, day, , zone] = pattern.exec(text) ?? []
  if (year === undefined)
    return { problem: `${quote(text)} is no instant; write it as in 2026-11-01T12:00:00Z or 2026-11-01T14:00:00+02:00` }
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day))
    return { problem: `${quote(text)} is on a day that the calendar does not have; give another` }
  if (zone === undefined)
    return { problem: `${quote(text)} has no zone; end it with Z for UTC, or with an offset, as in +02:00` }
  return new Date(text)
}

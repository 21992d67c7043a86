import { timeZoneIssue } from '../../../recurring/time-zone.ts'

/**
 * An instant as the clocks of a time zone show it, such as `, 2026-11-29 03:00 Europe/Madrid`. The empty text for UTC,
 * and for a zone that was written by hand and is none.
 */
export function localText(instant: Date, timeZone: string): string {
  if (timeZone === 'UTC' || timeZoneIssue(timeZone) !== null) return ''
  // Sweden writes dates as ISO 8601 does.
  const text = instant.toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return `, ${text} ${timeZone}`
}

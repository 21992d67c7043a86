import { quote } from '../job/quote.ts'
import type { Issue } from '../job/issue.ts'

/**
 * The names of the IANA database that have no slash (https://www.iana.org/time-zones). Runtimes also know abbreviations of
 * old, such as BST, which they take for Asia/Dhaka.
 */
const withoutSlash = new Set(
  (
    'CET CST6CDT CUBA EET EGYPT EIRE EST EST5EDT GB GB-EIRE GMT GMT+0 GMT-0 GMT0 GREENWICH HONGKONG HST ICELAND IRAN ISRAEL ' +
    'JAMAICA JAPAN KWAJALEIN LIBYA MET MST MST7MDT NAVAJO NZ NZ-CHAT POLAND PORTUGAL PRC PST8PDT ROC ROK SINGAPORE TURKEY ' +
    'UCT UNIVERSAL UTC W-SU WET ZULU'
  ).split(' '),
)

/** Says what is wrong with the name of a time zone; null when nothing is. */
export function timeZoneIssue(name: unknown): Issue | null {
  const issue = {
    path: 'timeZone',
    message: `${quote(name)} is no time zone; use a name such as "Europe/Madrid", or "UTC"`,
  }
  // Newer runtimes read offsets, such as "+02:00"; older ones do not.
  if (typeof name !== 'string' || !/^[a-z]/i.test(name)) return issue
  if (!name.includes('/') && !withoutSlash.has(name.toUpperCase())) return issue
  // The first format of a process costs more than 10 ms, and UTC needs none.
  if (name === 'UTC') return null
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return null
  } catch (error) {
    if (error instanceof RangeError) return issue
    throw error
  }
}

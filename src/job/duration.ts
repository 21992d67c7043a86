import { ConfigurationError } from '../errors.ts'
import { quote } from './quote.ts'
import type { Issue } from './issue.ts'

/** `'250ms'`, `'90s'`, `'5m'`, `'1h'`, `'2d'`, fractions too (`'1.5h'`), or a number of milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A thousand years: every database and a Date can hold an instant that is so far from now. */
const longestMs = 365_250 * 86_400_000

/** A duration in whole milliseconds; null when the value is no duration, is negative or is longer than 365,250 days. */
export function durationMs(value: unknown): number | null {
  let ms: number
  if (typeof value === 'number') ms = value
  else {
    const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null
    if (!match) return null
    ms = Number(match[1]) * (units[match[2] as string] as number)
  }
  return ms >= 0 && ms <= longestMs ? Math.round(ms) : null
}

/** Says why a value is no duration; null when it is one. */
export function durationIssue(value: unknown, name: string): Issue | null {
  if (durationMs(value) !== null) return null
  return {
    path: name,
    message: `${quote(value)} is no duration; write '250ms', '90s', '5m', '1h', '2d' or a number of milliseconds, from 0 to 365250d`,
  }
}

/** @throws ConfigurationError naming `name` when the value is no duration */
export function parseDuration(value: Duration, name: string): number {
  const ms = durationMs(value)
  if (ms === null) throw new ConfigurationError(name, [durationIssue(value, name) as Issue])
  return ms
}

/** For people: `1h 30m`, `45s`, `250ms`. Two units at most, rounded down. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.floor(ms)}ms`
  const parts: string[] = []
  let rest = ms
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.slice(0, 2).join(' ')
}

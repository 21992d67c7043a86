import { type Duration, durationMs, parseDuration } from './duration.ts'

/**
 * How long a job waits before its next attempt. `attempt`: how many performings have failed so far, from 1.
 * `random`: from 0 to 1, drawn by the caller.
 */
export type Backoff = (attempt: number, error: unknown, random: number) => Duration

/**
 * Doubles with each attempt, from `base` up to `max` (default 1 hour), and adds up to a tenth at random, so that jobs
 * that failed together do not come back together.
 */
export function exponential(base: Duration, { max = '1h' }: { max?: Duration } = {}): Backoff {
  const baseMs = parseDuration(base, 'exponential() base')
  const maxMs = parseDuration(max, 'exponential() max')
  return (attempt, _, random) => Math.min(baseMs * 2 ** (attempt - 1), maxMs) * (1 + random / 10)
}

/** The same wait before each attempt. */
export function fixed(wait: Duration): Backoff {
  const ms = parseDuration(wait, 'fixed() wait')
  return () => ms
}

export const defaultBackoff: Backoff = exponential('15s')

const longestMs = 365 * 86_400_000

/** The wait in milliseconds. A backoff of a user's own that throws or gives no duration never loses the job: the default serves. */
export function backoffDelayMs(backoff: Backoff, attempt: number, error: unknown, random: number): number {
  let wait: unknown
  try {
    wait = backoff(attempt, error, random)
    // A promise is no duration. Its rejection must be heard all the same, or it ends the process.
    if (wait instanceof Promise) wait.catch(() => {})
  } catch {
    // Falls through to the default.
  }
  if (typeof wait === 'number' && wait > longestMs) return longestMs
  const ms = durationMs(wait) ?? durationMs(defaultBackoff(attempt, error, random)) ?? longestMs
  return Math.min(ms, longestMs)
}

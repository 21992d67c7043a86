import { type Duration, durationMs, parseDuration } from './duration.ts'

/** A failed performing, for its backoff. */
export interface FailedAttempt {
  /** How many performings have failed so far, from 1. */
  readonly attempt: number
  /** The value that the handler threw. */
  readonly error: unknown
  /** From 0 to 1, drawn for this wait: spread jobs by it that failed together. */
  readonly random: number
}

/** The wait of a job before its next attempt. */
export type Backoff = (failed: FailedAttempt) => Duration

/**
 * Doubles with each attempt, from `base` up to `max` (default 1 hour). Adds up to a tenth at random, so that jobs that
 * failed together do not come back together.
 */
export function exponential(base: Duration, { max = '1h' }: { max?: Duration } = {}): Backoff {
  const baseMs = parseDuration(base, 'exponential() base')
  const maxMs = parseDuration(max, 'exponential() max')
  return ({ attempt, random }) => Math.min(baseMs * 2 ** (attempt - 1), maxMs) * (1 + random / 10)
}

/** Waits the same time before each attempt. */
export function fixed(wait: Duration): Backoff {
  const ms = parseDuration(wait, 'fixed() wait')
  return () => ms
}

export const defaultBackoff: Backoff = exponential('15s')

const longestMs = 365 * 86_400_000

/**
 * The wait in milliseconds, a year at most. If the backoff throws or gives no duration, the default backoff serves: the
 * job is not lost.
 */
export function backoffDelayMs(backoff: Backoff, failed: FailedAttempt): number {
  let wait: unknown
  try {
    wait = backoff(failed)
    // A promise is no duration. Its rejection must be handled all the same: an unhandled one ends the process.
    if (wait instanceof Promise) wait.catch(() => {})
  } catch {
    // Falls through to the default.
  }
  if (typeof wait === 'number' && wait > longestMs) return longestMs
  const ms = durationMs(wait) ?? durationMs(defaultBackoff(failed)) ?? longestMs
  return Math.min(ms, longestMs)
}

import { InvalidArgumentError } from 'commander'
import { type Duration, durationMs } from '../job/duration.ts'
import { looksLikeInstant, readInstant } from '../job/instant.ts'

/** A duration from now, or an instant. */
export function runAfterOf(text: string): Date | Duration {
  return durationMs(text) === null ? instantOf(text, 'so long from now, as in 90s, 5m or 2d') : (text as Duration)
}

/** A duration before now, or an instant. */
export function sinceOf(text: string): Date {
  const ms = durationMs(text)
  const instant = ms === null ? null : new Date(Date.now() - ms)
  return instant === null || Number.isNaN(instant.getTime()) ? instantOf(text, 'so long ago, as in 2h') : instant
}

function instantOf(text: string, otherwise: string): Date {
  if (!looksLikeInstant(text))
    throw new InvalidArgumentError(`Use ${otherwise}, or an instant, as in 2026-11-01T12:00:00Z.`)
  const instant = readInstant(text)
  if (instant instanceof Date) return instant
  throw new InvalidArgumentError(`${instant.problem}.`)
}

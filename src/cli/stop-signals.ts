import { longestTimerMs } from '../job/timer.ts'

/**
 * The terminal sends a signal to npm and to its script, and npm sends it on. Within this time the second one counts as
 * the same.
 */
const sameSignalMs = 500
const parentCheckMs = 500

export interface StopSignals {
  /** Aborted: end gracefully. */
  readonly signal: AbortSignal
  /** Aborted: end at once. */
  readonly immediate: AbortSignal
  /** Ends gracefully for a reason, and at once after `graceMs`. */
  stop(graceMs: number, reason: Error): void
}

/**
 * TERM and INT stop gracefully; QUIT, or a second TERM or INT, at once.
 *
 * A script of npm also stops gracefully when its shell is gone: npm hands a TERM only to the shell that it has started,
 * and the shell dies of it without passing it on.
 */
export function stopSignals(): StopSignals {
  const graceful = new AbortController()
  const immediate = new AbortController()
  let firstAt: number | null = null
  const stop = () => {
    const now = performance.now()
    firstAt ??= now
    if (now - firstAt > sameSignalMs) immediate.abort()
    graceful.abort()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGQUIT', () => {
    immediate.abort()
    graceful.abort()
  })
  if (process.env['npm_lifecycle_event'] !== undefined) whenOrphaned(() => graceful.abort())
  return {
    signal: graceful.signal,
    immediate: immediate.signal,
    stop(graceMs, reason) {
      graceful.abort(reason)
      setTimeout(() => immediate.abort(), Math.min(graceMs, longestTimerMs)).unref()
    },
  }
}

function whenOrphaned(then: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    then()
  }, parentCheckMs)
  timer.unref()
}

/** TERM and INT stop gracefully; QUIT, or a second TERM or INT, at once. */
export function stopSignals(): { signal: AbortSignal; immediate: AbortSignal } {
  const graceful = new AbortController()
  const immediate = new AbortController()
  const stop = () => {
    if (graceful.signal.aborted) immediate.abort()
    graceful.abort()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGQUIT', () => {
    immediate.abort()
    graceful.abort()
  })
  return { signal: graceful.signal, immediate: immediate.signal }
}

/**
 * The longest wait of a timer: a longer one passes at once.
 * https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
export const longestTimerMs = 2 ** 31 - 1

/**
 * Calls `act` after `ms` milliseconds, even if they exceed `longestTimerMs`; `Infinity`: never. Returns a function that
 * stops the timer.
 */
export function startTimer(ms: number, act: () => void): () => void {
  const end = performance.now() + ms
  let timer: ReturnType<typeof setTimeout>
  const wait = (left: number) => {
    timer = setTimeout(
      () => {
        const rest = end - performance.now()
        if (left > longestTimerMs && rest > 0) wait(rest)
        else act()
      },
      Math.max(0, Math.min(left, longestTimerMs)),
    )
  }
  wait(ms)
  return () => clearTimeout(timer)
}

/** Resolves after `ms` milliseconds, or when the signal is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      stop()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const stop = startTimer(signal?.aborted ? 0 : ms, end)
    signal?.addEventListener('abort', end)
  })
}

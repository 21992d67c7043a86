/** What a timer can wait: a longer wait passes at once. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
export const longestTimerMs = 2 ** 31 - 1

/** Acts after so many milliseconds, however many they are; `Infinity`: never. Returns what stops it. */
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

/** What the clocks of a time zone show at an instant, as milliseconds since 1970 of a clock in UTC that shows the same. */
export function clockOf(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const known = new Map<number, number>()
  return (instant) => {
    const shown = known.get(instant)
    if (shown !== undefined) return shown
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day, hour, minute } = part
    const local = Date.UTC(year, month - 1, day, hour, minute)
    known.set(instant, local)
    return local
  }
}

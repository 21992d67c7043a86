import { CronDate } from 'cron-parser'

const dayMs = 86_400_000

/** A local time: the milliseconds since 1970 at which a clock in UTC shows the same time. */
export type LocalTime = number

/** How far clocks are ahead of UTC, in milliseconds, before a local time and after it. */
export interface Offsets {
  readonly before: number
  readonly after: number
}

/** The clocks of a time zone. Instants are milliseconds since 1970. */
export class Zone {
  readonly #name: string

  /** @param name of the IANA database, such as `Europe/Madrid`; see `timeZoneIssue` */
  constructor(name: string) {
    this.#name = name
  }

  /** How far its clocks are ahead of UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number {
    return new CronDate(instant, this.#name).getUTCOffset() * 60_000
  }

  /**
   * How far its clocks are ahead of UTC a day before a local time, and a day after: clocks are not changed twice in two
   * days.
   */
  offsetsAround(local: LocalTime): Offsets {
    return { before: this.offsetAt(local - dayMs), after: this.offsetAt(local + dayMs) }
  }

  /**
   * The instants at which clocks show a local time: one; two, in order, if the clocks were set back; none if they were
   * set forward over it.
   *
   * @param around the `offsetsAround` of the local time
   */
  instantsOf(local: LocalTime, { before, after }: Offsets): readonly number[] {
    const offsets = before === after ? [before] : [before, after]
    return offsets.map((offset) => local - offset).filter((instant) => instant + this.offsetAt(instant) === local)
  }

  /**
   * The local time before which nothing happens after an instant: the time that clocks show then. Near a change of the
   * clocks, it is earlier by the length of the change, because clocks show that time again, or have passed over it.
   */
  localFloor(instant: number): LocalTime {
    const shift = Math.abs(this.offsetAt(instant + dayMs) - this.offsetAt(instant - dayMs))
    const isNear = shift > 0 && this.offsetAt(instant - shift) !== this.offsetAt(instant + shift)
    return instant + this.offsetAt(instant) - (isNear ? shift : 0)
  }
}

const most = 20

/**
 * The first 20 problems of a value, and how many more there are. A value may have a million faults; 20 are enough to
 * repair it by.
 */
export class Findings<T> {
  readonly first: T[] = []
  /** How many are not listed. */
  more = 0

  /** @param more how many `found` itself left out */
  add(found: readonly T[], more = 0): void {
    const room = Math.max(0, most - this.first.length)
    this.first.push(...found.slice(0, room))
    this.more += Math.max(0, found.length - room) + more
  }
}

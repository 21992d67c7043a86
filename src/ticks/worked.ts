/** Counts of the jobs that a work tick claimed, by how they ended. */
export interface Worked {
  claimed: number
  succeeded: number
  /** Failed, and run again. */
  retried: number
  failed: number
  released: number
  /** Stopped, since they were cancelled. */
  cancelled: number
  /** Ended after another tick had settled them: nothing was written. */
  stale: number
}

export const nothingWorked = (): Worked => ({
  claimed: 0,
  succeeded: 0,
  retried: 0,
  failed: 0,
  released: 0,
  cancelled: 0,
  stale: 0,
})

/** Adds the counts of another pass. */
export function addWorked(total: Worked, more: Worked): void {
  for (const kind of Object.keys(total) as (keyof Worked)[]) total[kind] += more[kind]
}

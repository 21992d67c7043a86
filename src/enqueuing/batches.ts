import type { NewJob } from '../dialects/moves.ts'

/** Jobs that one batch stores at most, in as much JSON: D1 takes parameters up to 2 MB. */
const maxJobs = 1000
/** A UTF-16 unit is 3 bytes at worst, as UTF-8 or as a quote that is escaped once more. */
const maxUnits = 600_000

/** Numbered from 0, each within the bounds of a batch. */
export function* batches(jobs: readonly NewJob[]): Generator<[number, readonly NewJob[]]> {
  let batch: NewJob[] = []
  let units = 0
  let index = 0
  for (const job of jobs) {
    const size = job.payload.length + (job.payloadMeta?.length ?? 0) + 300
    if (batch.length > 0 && (batch.length === maxJobs || units + size > maxUnits)) {
      yield [index, batch]
      index += 1
      batch = []
      units = 0
    }
    batch.push(job)
    units += size
  }
  if (batch.length > 0) yield [index, batch]
}

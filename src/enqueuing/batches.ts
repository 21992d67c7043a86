import type { NewJob } from '../dialects/moves.ts'
import { maxUnits, unitsOf } from './units.ts'

/** Jobs that one batch stores at most. */
const maxJobs = 1000

/** Splits jobs into batches, numbered from 0, each within the bounds of one batch. */
export function* batches(jobs: readonly NewJob[]): Generator<[number, readonly NewJob[]]> {
  let batch: NewJob[] = []
  let units = 0
  let index = 0
  for (const job of jobs) {
    const more = unitsOf(job)
    if (batch.length > 0 && (batch.length === maxJobs || units + more > maxUnits)) {
      yield [index, batch]
      index += 1
      batch = []
      units = 0
    }
    batch.push(job)
    units += more
  }
  if (batch.length > 0) yield [index, batch]
}

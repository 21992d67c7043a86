import type { Queue } from '../../src/index.ts'
import { work, workerOf, type WorkReport } from '../../src/ticks/work.ts'

/** A work tick that renews its lease so often that a test need not wait. Times are milliseconds. */
export function workWithBeat(
  { '~core': core }: Queue,
  options: { heartbeatMs: number; leaseMs?: number },
): Promise<WorkReport> {
  return work(core, workerOf(core.settings), options)
}

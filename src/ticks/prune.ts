import type { PrunedJob } from '../dialects/moves.ts'
import { prune as pruneInvocations } from '../transitions/prune.ts'
import { noteTick } from '../transitions/record-tick.ts'
import type { Core } from '../core.ts'
import { pass, shouldStop, type PassOptions, type TickReport } from './pass.ts'
import { combine } from '../transitions/transition.ts'

export interface PruneReport extends TickReport {
  /** Jobs whose invocation was lost: run again, or failed. */
  readonly pruned: number
}

/** Invocations that one batch prunes at most. */
export const pruneMax = 50

/** Settles the jobs of lost invocations, batch after batch, until there are none or the time is up. */
export function prune(core: Core, options: PassOptions = {}): Promise<PruneReport> {
  return pass(core, 'prune', options, async (run) => {
    const { dialect } = core.driver
    let pruned = 0
    for (;;) {
      const { jobs } = await run(
        combine({ jobs: pruneInvocations(dialect, { max: pruneMax }), noted: noteTick(dialect, { actor: 'prune' }) }),
      )
      emitPruned(core, jobs)
      pruned += jobs.length
      if (!mayRemain(jobs)) return { pruned, more: false }
      if (shouldStop(options)) return { pruned, more: true }
    }
  })
}

/** Whether there may be more lost invocations than one batch prunes. */
export function mayRemain(pruned: readonly PrunedJob[]): boolean {
  return new Set(pruned.map(({ invocationId }) => invocationId)).size >= pruneMax
}

export function emitPruned(core: Core, jobs: readonly PrunedJob[]): void {
  for (const job of jobs) core.emitter.emit('job.pruned', job)
}

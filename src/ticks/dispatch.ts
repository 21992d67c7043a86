import { dispatch as dispatchJobs } from '../transitions/dispatch.ts'
import { noteTick } from '../transitions/record-tick.ts'
import type { Core } from '../core.ts'
import { pass, shouldStop, type PassOptions, type TickReport } from './pass.ts'
import { combine } from '../transitions/transition.ts'

export interface DispatchReport extends TickReport {
  /** Jobs that left scheduled. */
  readonly dispatched: number
  /** Dispatched jobs that were finished as skipped, since their key was full. */
  readonly skipped: number
}

/** Dispatches due jobs, batch after batch, until none is due or the time is up. */
export function dispatch(core: Core, options: PassOptions = {}): Promise<DispatchReport> {
  return pass(core, 'dispatch', options, async (run) => {
    const max = core.settings.dispatchMax
    const { dialect } = core.driver
    let dispatched = 0
    let skipped = 0
    for (;;) {
      const { moved } = await run(
        combine({ moved: dispatchJobs(dialect, { max }), noted: noteTick(dialect, { actor: 'dispatch' }) }),
      )
      dispatched += moved.dispatched
      skipped += moved.skipped
      if (moved.dispatched < max) return { dispatched, skipped, more: false }
      if (shouldStop(options)) return { dispatched, skipped, more: true }
    }
  })
}

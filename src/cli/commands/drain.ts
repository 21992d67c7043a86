import type { CombinedReport } from '../../ticks/tick.ts'
import { nothingWorked, type Worked } from '../../ticks/worked.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { withQueue } from '../open.ts'
import { showProgress } from '../progress.ts'
import { countText, jobsText, report } from '../report.ts'
import { stopSignals } from '../stop-signals.ts'

export const drain = reporting(
  'drain',
  'tick until nothing is ready or due: perform everything that can be performed now',
).action((options: ReportOptions) =>
  withQueue(options, async ({ queue }) => {
    const { signal } = stopSignals()
    const before = await queue.counts()
    const progress = showProgress('Performing', before.ready.count)
    for (const ended of ['job.finished', 'job.failed', 'job.retried', 'job.cancelled'] as const)
      queue.on(ended, () => progress.add(1))
    const worked = nothingWorked()
    let last: CombinedReport
    do {
      last = await queue.tick({ signal })
      for (const name of Object.keys(worked) as (keyof Worked)[]) worked[name] += last[name]
    } while (!signal.aborted && last.claimed + last.dispatched + last.pruned > 0)
    progress.stop()
    const { ready, scheduled } = await queue.counts()
    if (signal.aborted) process.exitCode = exitCodes.failed
    report(options, { ...worked, ready, scheduled }, () =>
      [
        `${jobsText(worked.succeeded)} succeeded, ${worked.failed} failed, ${worked.retried} will run again.`,
        ...(ready.count > 0 && !signal.aborted
          ? [
              `${countText(ready)} ready remain: their queues are paused, or no worker serves them. See \`steadytick queues\`.`,
            ]
          : []),
        ...(scheduled.count > 0 ? [`${countText(scheduled)} are scheduled for later.`] : []),
        ...(signal.aborted ? ['Stopped.'] : []),
      ].join('\n'),
    )
  }),
)

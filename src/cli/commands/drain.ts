import { consoleLogger } from '../../events.ts'
import type { Queue } from '../../queue.ts'
import { addWorked, nothingWorked, type Worked } from '../../ticks/worked.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { withHandlers } from '../early-end.ts'
import { exitCodes } from '../exit-codes.ts'
import { withQueue } from '../open.ts'
import { showProgress } from '../progress.ts'
import { countText, jobsText, report } from '../report.ts'
import { type StopSignals, stopSignals } from '../stop-signals.ts'
import { manage } from '../../manage/index.ts'
import { tick } from '../../ticks/index.ts'

export const drain = reporting(
  'drain',
  'tick until nothing is ready or due: perform everything that can be performed now',
).action((options: ReportOptions) =>
  withQueue(options, async ({ queue }) => {
    const signals = stopSignals()
    const worked = await withHandlers(queue, { logger: consoleLogger, signals }, () => performAll(queue, signals))
    const { ready, scheduled } = await manage(queue).jobs.counts()
    const stopped = signals.signal.aborted
    if (stopped) process.exitCode = exitCodes.failed
    report(options, { ...worked, ready, scheduled }, () =>
      [
        `${jobsText(worked.succeeded)} succeeded, ${worked.failed} failed, ${worked.retried} will run again.`,
        ...(stopped ? [`Stopped: ${jobsText(worked.released)} given back.`] : []),
        ...(ready.count > 0 && !stopped
          ? [
              `${countText(ready)} ready remain: their queues are paused, or no worker serves them. \`steadytick explain\` says why.`,
            ]
          : []),
        ...(scheduled.count > 0 ? [`${countText(scheduled)} are scheduled for later.`] : []),
      ].join('\n'),
    )
  }),
)

async function performAll(queue: Queue, { signal, immediate }: StopSignals): Promise<Worked> {
  const { ready } = await manage(queue).jobs.counts()
  const progress = ready.count === 0 ? null : showProgress('Performing', ready.count)
  for (const ended of ['job.succeeded', 'job.failed', 'job.retried', 'job.cancelled'] as const)
    queue.on(ended, () => progress?.add(1))
  const worked = nothingWorked()
  try {
    for (;;) {
      const ticked = await tick(queue, { signal, immediate })
      addWorked(worked, ticked)
      if (signal.aborted || ticked.claimed + ticked.dispatched + ticked.pruned === 0) return worked
    }
  } finally {
    progress?.stop()
  }
}

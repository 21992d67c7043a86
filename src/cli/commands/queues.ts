import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { coarse, countText, plain, report, since, styled, table } from '../report.ts'

export const queues = reporting('queues', 'list the queues that have ready jobs or are paused').action(
  (options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const listed = await queue.queues()
      report(options, listed, () =>
        table(
          ['QUEUE', 'READY', 'OLDEST WAITS', 'PAUSED'],
          listed.map(({ name, ready, latencyMs, pausedAt }) => [
            plain(name),
            countText(ready),
            latencyMs === null ? '' : coarse(latencyMs),
            pausedAt === null ? '' : styled('yellow', since(pausedAt)),
          ]),
          'No queue has ready jobs, and none is paused.',
        ),
      )
    }),
)

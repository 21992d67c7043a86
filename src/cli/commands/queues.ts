import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { coarse, countText, plain, report, since, styled, table } from '../report.ts'
import { shellWord } from '../shell-word.ts'
import { numberOf } from '../selection-options.ts'
import { manage } from '../../manage/index.ts'

interface QueuesOptions extends ReportOptions {
  readonly limit: number
  readonly after?: string
}

export const queues = reporting('queues', 'list the queues that have ready jobs or are paused')
  .option('-n, --limit <number>', 'list so many at most', numberOf(1, 1000), 1000)
  .option('--after <queue>', 'go on behind this queue')
  .action((options: QueuesOptions) =>
    withQueue(options, async ({ queue }) => {
      const page = await manage(queue).queues.list(options)
      report(options, page, () => {
        const drawn = table(
          ['QUEUE', 'READY', 'OLDEST WAITS', 'PAUSED'],
          page.items.map(({ name, ready, latencyMs, pausedAt }) => [
            plain(name),
            countText(ready),
            latencyMs === null ? '' : coarse(latencyMs),
            pausedAt === null ? '' : styled('yellow', since(pausedAt)),
          ]),
          'No queue has ready jobs, and none is paused.',
        )
        if (page.next === null) return drawn
        const word = shellWord(page.next)
        const goOn = word === null ? 'go on with the `next` that --json gives' : `go on with --after ${word}`
        return `${drawn}\n\nThere may be more: ${goOn}.`
      })
    }),
  )

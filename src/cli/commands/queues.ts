import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { coarse, countText, plain, report, since, styled, table } from '../report.ts'
import { shellWord } from '../shell-word.ts'
import { numberOf } from '../selection-options.ts'

interface QueuesOptions extends ReportOptions {
  readonly max: number
  readonly after: string
}

export const queues = reporting('queues', 'list the queues that have ready jobs or are paused')
  .option('-n, --max <number>', 'list so many at most', numberOf(1, 1000), 1000)
  .option('--after <queue>', 'go on behind this queue', '')
  .action((options: QueuesOptions) =>
    withQueue(options, async ({ queue }) => {
      const listed = await queue.queues({ max: options.max, after: options.after })
      report(options, listed, () => {
        const drawn = table(
          ['QUEUE', 'READY', 'OLDEST WAITS', 'PAUSED'],
          listed.map(({ name, ready, latencyMs, pausedAt }) => [
            plain(name),
            countText(ready),
            latencyMs === null ? '' : coarse(latencyMs),
            pausedAt === null ? '' : styled('yellow', since(pausedAt)),
          ]),
          'No queue has ready jobs, and none is paused.',
        )
        const last = listed.at(-1)
        if (listed.length < options.max || !last) return drawn
        const word = shellWord(last.name)
        const goOn = word === null ? 'go on after the last `name` that --json gives' : `go on with --after ${word}`
        return `${drawn}\n\nThere may be more: ${goOn}.`
      })
    }),
  )

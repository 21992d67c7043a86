import { reporting, type ReportOptions } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { withQueue } from '../open.ts'
import { countText, plain, report, since, stateText, styled, table } from '../report.ts'
import { shellWord } from '../shell-word.ts'
import { numberOf } from '../selection-options.ts'
import { manage } from '../../manage/index.ts'

interface KeysOptions extends ReportOptions {
  readonly limit: number
  readonly after?: string
}

export const keys = reporting('keys', 'list the concurrency keys that jobs hold or wait for; of one key, who holds it')
  .argument('[key]', 'one key, as the list shows it')
  .option('-n, --limit <number>', 'list so many at most', numberOf(1, 1000), 50)
  .option('--after <key>', 'go on behind this key')
  .action((key: string | undefined, options: KeysOptions) =>
    withQueue(options, async ({ queue }) => {
      if (key !== undefined) {
        const holders = await manage(queue).keys.holders(key, options)
        if (holders.length === 0) process.exitCode = exitCodes.nothing
        report(options, holders, () =>
          table(
            ['JOB', 'TASK', 'STATE', 'SINCE'],
            holders.map(({ id, task: taskName, state, since: from }) => [
              id,
              plain(taskName),
              stateText(state),
              since(from),
            ]),
            'No job holds this key.',
          ),
        )
        return
      }
      const page = await manage(queue).keys.list(options)
      report(options, page, () => {
        const rows = page.items.map((each) => [
          plain(each.key),
          String(each.limit),
          countText(each.held),
          each.waiting.count === 0 ? '' : styled('magenta', countText(each.waiting)),
        ])
        const drawn = table(['KEY', 'LIMIT', 'HELD', 'WAITING'], rows, 'No key is held or waited for.')
        if (page.next === null) return drawn
        const word = shellWord(page.next)
        const goOn = word === null ? 'go on with the `next` that --json gives' : `go on with --after ${word}`
        return `${drawn}\n\nThere may be more: ${goOn}.`
      })
    }),
  )

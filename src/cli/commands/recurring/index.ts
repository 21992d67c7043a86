import { reporting, type ReportOptions } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { plain, report, since, table } from '../../report.ts'
import { create } from './create.ts'
import { edit } from './edit.ts'
import { disable, enable, remove } from './by-keys.ts'
import { nextText } from './next-text.ts'
import { runNow } from './run-now.ts'
import { show } from './show.ts'

/** The recurring tasks, and what is done to them. */
export const recurring = reporting('recurring', 'list the recurring tasks, with their last and next run').action(
  (options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const listed = await queue.recurring()
      report(options, listed, () =>
        table(
          ['KEY', 'TASK', 'SCHEDULE', 'ZONE', 'LAST RUN', 'NEXT RUN'],
          listed.map((each) => [
            plain(each.key),
            plain(each.taskName),
            plain(each.schedule),
            plain(each.timeZone),
            since(each.lastRunAt),
            nextText(each),
          ]),
          'There are no recurring tasks. Those of the definition are written by the first tick of a deployment.',
        ),
      )
    }),
)
for (const each of [show, create, edit, enable, disable, runNow, remove]) recurring.addCommand(each)

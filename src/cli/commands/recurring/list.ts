import type { RecurringTask } from '../../../manage/recurring.ts'
import { reporting, type ReportOptions } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { plain, report, since, table } from '../../report.ts'
import { nextText } from './next-text.ts'
import { manage } from '../../../manage/index.ts'

export const list = reporting('list', 'list the recurring tasks, with their last and next run').action(
  (options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const listed = await Array.fromAsync(manage(queue).recurring.list())
      report(options, { items: listed, next: null }, () => `${drawn(listed)}${hint(listed)}`)
    }),
)

const drawn = (listed: readonly RecurringTask[]): string =>
  table(
    ['KEY', 'TASK', 'SCHEDULE', 'ZONE', 'LAST RUN', 'NEXT RUN'],
    listed.map((each) => [
      plain(each.key),
      plain(each.task),
      plain(each.schedule),
      plain(each.timeZone),
      since(each.lastRunAt),
      nextText(each),
    ]),
    'There are no recurring tasks. Those of the definition are written by the first tick of a deployment.',
  )

/** Names the tasks that differ from this definition: the stored ones hold, and not those of this code. */
function hint(listed: readonly RecurringTask[]): string {
  const others = listed.filter(({ asDefined }) => asDefined === false).map(({ key }) => plain(key))
  return others.length === 0
    ? ''
    : `\n\nNot as this definition has them: ${others.join(', ')}. The next tick writes them, unless a deployment that came later is still there;\n\`steadytick recurring apply\` writes them now.`
}

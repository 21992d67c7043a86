import type { RecurringTask } from '../../../manage/recurring.ts'
import type { Occurrence } from '../../../transitions/list-occurrences.ts'
import { reporting, type ReportOptions } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { fields, instantText, plain, report, table } from '../../report.ts'
import { numberOf } from '../../selection-options.ts'
import { localText } from './local-text.ts'
import { nextText } from './next-text.ts'
import { noSuchKey } from './no-such-key.ts'
import { manage } from '../../../manage/index.ts'

export const show = reporting('show', 'show a recurring task, and the jobs of its last occurrences')
  .argument('<key>', 'its key')
  .option('-n, --limit <number>', 'show so many occurrences at most', numberOf(1, 1000), 10)
  .action((key: string, options: ReportOptions & { limit: number }) =>
    withQueue(options, async ({ queue }) => {
      const found = await manage(queue).recurring.find(key)
      if (!found) {
        noSuchKey(key)
        return
      }
      const occurrences = await manage(queue).recurring.occurrences(key, options)
      report(options, { ...found, occurrences }, () => shown(found, occurrences))
    }),
  )

/** The next run in UTC, and by the clocks that the schedule is meant for. */
function nextRun(found: RecurringTask): string {
  const { nextRunAt, timeZone } = found
  return nextRunAt === null ? nextText(found) : `${instantText(nextRunAt)}${plain(localText(nextRunAt, timeZone))}`
}

function shown(found: RecurringTask, occurrences: readonly Occurrence[]): string {
  const known = fields([
    ['key', plain(found.key)],
    ['what', found.description === null ? null : plain(found.description)],
    ['task', plain(found.task)],
    ['payload', plain(JSON.stringify(found.payload))],
    ['schedule', plain(`${found.schedule} ${found.timeZone}`)],
    ['missed', found.catchUp],
    ['queue', found.queue === null ? "the task's" : plain(found.queue)],
    ['priority', found.priority === null ? "the task's" : String(found.priority)],
    ['from', found.static ? 'a definition' : 'run time'],
    ['as defined', found.asDefined === null ? null : found.asDefined ? 'yes' : 'no: another deployment wrote it'],
    ['last run', instantText(found.lastRunAt)],
    ['next run', nextRun(found)],
  ])
  const rows = occurrences.map(({ runAt, enqueuedAt, jobId }) => [runAt.toISOString(), enqueuedAt.toISOString(), jobId])
  return `${known}\n\n${table(['OCCURRENCE', 'ENQUEUED', 'JOB'], rows, 'No occurrence is recorded.')}`
}

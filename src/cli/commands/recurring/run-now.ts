import { reporting, type ReportOptions } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { enqueuedText, report } from '../../report.ts'
import { noSuchKey } from './no-such-key.ts'
import { manage } from '../../../manage/index.ts'

export const runNow = reporting('run-now', 'enqueue a job of a recurring task now, beside those of its schedule')
  .argument('<key>', 'its key')
  .action((key: string, options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const enqueued = await manage(queue).recurring.runNow(key)
      if (enqueued === null) noSuchKey(key)
      else report(options, enqueued, () => enqueuedText(enqueued))
    }),
  )

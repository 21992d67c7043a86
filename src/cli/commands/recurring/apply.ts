import { reporting, type ReportOptions } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { report } from '../../report.ts'

export const apply = reporting(
  'apply',
  'let recurring tasks be as this definition has them, whatever was deployed later',
).action((options: ReportOptions) =>
  withQueue(options, async ({ queue }) => {
    await queue.applyRecurring()
    report(options, { applied: true }, () => 'The recurring tasks are as this definition has them.')
  }),
)

import { reporting, type ReportOptions } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { plain, report } from '../../report.ts'
import { manage } from '../../../manage/index.ts'

export const apply = reporting(
  'apply',
  'let recurring tasks be as this definition has them, whatever was deployed later',
).action((options: ReportOptions) =>
  withQueue(options, async ({ queue }) => {
    const taken = await manage(queue).recurring.apply()
    report(options, { applied: true, taken }, () =>
      [
        'The recurring tasks are as this definition has them, for as long as its ticks come.',
        ...taken.map((key) => `But for ${plain(key)}: one that was created at run time has this key.`),
      ].join('\n'),
    )
  }),
)

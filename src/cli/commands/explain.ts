import { reporting, type ReportOptions } from '../command.ts'
import { noSuchJob } from '../no-such-job.ts'
import { withQueue } from '../open.ts'
import { plain, report, stateText } from '../report.ts'
import { idOf } from '../selection-options.ts'
import { manage } from '../../manage/index.ts'

export const explain = reporting('explain', 'say why a job is where it is, and what can be done about it')
  .argument('<id>', 'its id', idOf)
  .action((id: string, options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const explanation = await manage(queue).jobs.explain(id)
      if (!explanation) return noSuchJob(id)
      const { job, reasons } = explanation
      return report(options, explanation, () =>
        [
          `Job ${id} of task ${plain(job.taskName)} is ${stateText(job.state)}.`,
          ...reasons.map(({ message }) => plain(message)),
        ].join('\n'),
      )
    }),
  )

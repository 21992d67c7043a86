import { reporting, type ReportOptions } from '../command.ts'
import { noSuchJob } from '../no-such-job.ts'
import { withQueue } from '../open.ts'
import { plain, report, stateText } from '../report.ts'
import { idOf, wholeId } from '../shortened-id.ts'
import { manage } from '../../manage/index.ts'

export const explain = reporting('explain', 'say why a job is where it is, and what can be done about it')
  .argument('<id>', 'its id, or the beginning of it', idOf)
  .action((id: string, options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const whole = await wholeId(queue, id)
      const explanation = whole && (await manage(queue).jobs.explain(whole))
      if (!explanation) return noSuchJob(id)
      const { job, reasons } = explanation
      return report(options, explanation, () =>
        [
          `Job ${job.id} of task ${plain(job.task)} is ${stateText(job.state)}.`,
          ...reasons.map(({ message }) => plain(message)),
        ].join('\n'),
      )
    }),
  )

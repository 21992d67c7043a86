import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { plain, report, since, styled, table } from '../report.ts'
import { manage } from '../../manage/index.ts'

export const invocations = reporting('invocations', 'list the invocations that perform now, and their jobs').action(
  (options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const listed = await manage(queue).invocations.list()
      report(options, listed, () =>
        table(
          ['INVOCATION', 'WORKER', 'NAME', 'STARTED', 'LEASE', 'JOBS'],
          listed.map(({ id, worker, name, startedAt, leaseExpiresAt, lost, jobs }) => [
            id,
            plain(worker),
            plain(name),
            since(startedAt),
            lost ? styled('red', `expired ${since(leaseExpiresAt)}`) : `ends ${since(leaseExpiresAt)}`,
            jobs.map((job) => `${job.id} ${plain(job.task)}${job.cancelRequested ? ' (cancelled)' : ''}`).join('\n'),
          ]),
          'No job is performed now.',
        ),
      )
    }),
)

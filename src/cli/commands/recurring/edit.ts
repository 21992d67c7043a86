import { reporting } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { plain, report } from '../../report.ts'
import { changesOf, type Given, withGiven } from './given.ts'
import { noSuchKey } from './no-such-key.ts'

export const edit = withGiven(reporting('edit', 'change a recurring task that was created at run time'))
  .option('--no-queue', "the task's queue again")
  .option('--no-priority', "the task's priority again")
  .option('--no-description', 'none')
  .action((key: string, options: Given) =>
    withQueue(options, async ({ queue, config }) => {
      if (await queue.editRecurring(key, await changesOf(options, config.jobs.tasks)))
        report(options, { key, edited: true }, () => `${plain(key)}  edited`)
      else noSuchKey(key)
    }),
  )

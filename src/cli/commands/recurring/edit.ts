import { reporting } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { plain, report } from '../../report.ts'
import { UsageError } from '../../usage-error.ts'
import { changesOf, type Given, withGiven } from './given.ts'
import { noSuchKey } from './no-such-key.ts'
import { manage } from '../../../manage/index.ts'

export const edit = withGiven(reporting('edit', 'change a recurring task that was created at run time'))
  .option('--no-queue', "the task's queue again")
  .option('--no-priority', "the task's priority again")
  .option('--no-description', 'none')
  .action((key: string, options: Given) =>
    withQueue(options, async ({ queue, config }) => {
      const changes = await changesOf(options, config.jobs.tasks)
      if (Object.keys(changes).length === 0) throw new UsageError('Say what to change; --help lists what can be.')
      if (await manage(queue).recurring.edit(key, changes))
        report(options, { key, edited: true }, () => `${plain(key)}  edited`)
      else noSuchKey(key)
    }),
  )

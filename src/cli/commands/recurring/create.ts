import type { RecurringOptions } from '../../../recurring/read-recurring.ts'
import { reporting } from '../../command.ts'
import { withQueue } from '../../open.ts'
import { plain, report } from '../../report.ts'
import { changesOf, type Given, withGiven } from './given.ts'
import { manage } from '../../../manage/index.ts'

export const create = withGiven(reporting('create', 'create a recurring task')).action((key: string, options: Given) =>
  withQueue(options, async ({ queue, config }) => {
    // `createRecurring` reports missing options together with wrong ones.
    const given = (await changesOf(options, config.jobs.tasks)) as RecurringOptions
    await manage(queue).recurring.create(key, given)
    report(options, { key, created: true }, () => `${plain(key)}  created`)
  }),
)

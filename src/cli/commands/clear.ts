import { InvalidArgumentError, Option } from 'commander'
import type { EndedState } from '../../dialects/moves.ts'
import { type Duration, durationMs } from '../../job/duration.ts'
import { reporting } from '../command.ts'
import { confirm } from '../confirm.ts'
import { type SweepOptions, withSweep } from '../action-command.ts'
import { withQueue } from '../open.ts'
import { coarse, countText, jobsText, report } from '../report.ts'
import { moveAll } from '../sweep.ts'
import { UsageError } from '../usage-error.ts'
import { manage } from '../../manage/index.ts'

interface ClearOptions extends SweepOptions {
  readonly state: EndedState
  readonly olderThan?: Duration
}

export const clear = withSweep(
  reporting('clear', 'delete finished or failed jobs past their retention, as ticks do by themselves'),
  { done: 'deleted', destructive: true },
)
  .addOption(new Option('-s, --state <state>', 'which').choices(['finished', 'failed']).default('finished'))
  .option('--older-than <duration>', 'instead of the retention, as in 12h; 0s for all', durationOf)
  .action((options: ClearOptions) =>
    withQueue(options, async ({ queue, settings }) => {
      const { jobs } = manage(queue)
      const { state } = options
      const retention = { finished: settings.clearFinishedAfterMs, failed: settings.clearFailedAfterMs }
      const olderThan = options.olderThan ?? retention[state]
      if (olderThan === null)
        throw new UsageError('Failed jobs are kept: `clearFailedJobsAfter` is not set. Say --older-than.')
      const meant = { state, olderThan }
      const counted = await jobs.clear(meant, { dryRun: true })
      const many = `${countText(counted)} ${state} ${counted.count === 1 ? 'job' : 'jobs'}`
      if (options.dryRun) {
        report(options, { ...counted, dryRun: true }, () => `${many} would be deleted.`)
        return
      }
      // Jobs past their retention are deleted in any case, so only --older-than is confirmed.
      if (options.olderThan !== undefined && options.yes !== true && counted.count > 0)
        await confirm(`Delete ${many}${agoText(durationMs(olderThan) ?? 0)}? It cannot be taken back.`)
      const count = await moveAll(
        async ({ limit }) => {
          const { count: deleted, more } = await jobs.clear(meant, { limit })
          return { count: deleted, next: more ? 'more' : null }
        },
        { doing: 'Deleting', done: 'deleted', total: counted.count },
      )
      report(options, { count, dryRun: false }, () => `${jobsText(count)} deleted.`)
    }),
  )

const agoText = (ms: number): string => (ms === 0 ? '' : ` that ended over ${coarse(ms)} ago`)

function durationOf(text: string): Duration {
  if (durationMs(text) !== null) return text as Duration
  throw new InvalidArgumentError('Use a duration, as in 90s, 12h or 2d.')
}

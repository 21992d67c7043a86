import { Option } from 'commander'
import type { JobState } from '../../job/job.ts'
import type { Count } from '../../transitions/count-jobs.ts'
import type { ListedJob } from '../../operating/list.ts'
import type { Queue } from '../../queue.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { countText, plain, report, since, stateText, table } from '../report.ts'
import { shellWord } from '../shell-word.ts'
import { UsageError } from '../usage-error.ts'
import { filterOf, type FilterOptions, numberOf, withFilter } from '../selection-options.ts'

/** In the order in which an operator looks for jobs. */
const states: readonly JobState[] = ['claimed', 'ready', 'blocked', 'scheduled', 'failed', 'finished']

interface JobsOptions extends ReportOptions, FilterOptions {
  readonly state?: JobState
  readonly max: number
  readonly continuation?: string
}

export const jobs = withFilter(reporting('jobs', 'list jobs: of all states, or page by page of one'))
  .addOption(new Option('-s, --state <state>', 'of this state only').choices(states))
  .option('-n, --max <number>', 'list so many at most', numberOf(1, 1000), 50)
  .addOption(new Option('--continuation <text>', 'go on where the page before ended; with --state'))
  .action((options: JobsOptions) => {
    if (options.state === undefined && options.continuation !== undefined)
      throw new UsageError('--continuation goes on with a list of one state: say --state.')
    return withQueue(options, async ({ queue }) => {
      const list = await (options.state === undefined
        ? ofAllStates(queue, options)
        : ofState(queue, options.state, options))
      report(options, list, () => shown(list))
    })
  })

interface List {
  readonly jobs: readonly ListedJob[]
  /** Null: the list is complete, or has jobs of several states. */
  readonly continuation: string | null
  /** Whether there are more jobs. */
  readonly more: boolean
  /** How many jobs each state has, whatever the filter; only where no state was asked for. */
  readonly counts?: Readonly<Record<JobState, Count>>
}

async function ofState(queue: Queue, state: JobState, options: JobsOptions): Promise<List> {
  const { max, continuation: after = null } = options
  const { jobs: listed, continuation } = await queue.list({ ...filterOf(options), state }, { max, continuation: after })
  return { jobs: listed, continuation, more: continuation !== null }
}

/** Lists the jobs of one state, then those of the next, up to `max`. */
async function ofAllStates(queue: Queue, options: JobsOptions): Promise<List> {
  const listed: ListedJob[] = []
  let more = false
  for (const state of options.fingerprint === undefined ? states : (['failed'] as const)) {
    const left = options.max - listed.length
    const page = await queue.list({ ...filterOf(options), state }, { max: Math.max(1, left) })
    listed.push(...page.jobs.slice(0, left))
    more ||= page.continuation !== null || page.jobs.length > left
  }
  return { jobs: listed, continuation: null, more, counts: await queue.counts() }
}

function shown({ jobs: listed, continuation, more, counts }: List): string {
  const rows = listed.map((job) => [
    job.id,
    stateText(job.state),
    plain(job.queueName),
    plain(job.taskName),
    String(job.priority),
    `${job.attempts}/${job.maxAttempts}`,
    whenOf(job),
    plain(job.errors.at(-1)?.message ?? '', 60),
  ])
  const drawn = table(
    ['ID', 'STATE', 'QUEUE', 'TASK', 'PRIORITY', 'ATTEMPTS', 'WHEN', 'LAST ERROR'],
    rows,
    more ? 'None of those that were looked at so far.' : 'There are no such jobs.',
  )
  const all = counts ? `${states.map((state) => `${countText(counts[state])} ${state}`).join(', ')}\n\n` : ''
  if (!more) return all + drawn
  return `${all}${drawn}\n\nThere are more: ${goOnText(continuation)}.`
}

function goOnText(continuation: string | null): string {
  if (continuation === null) return 'list one state with --state'
  const word = shellWord(continuation)
  return word === null ? 'go on with the `continuation` that --json gives' : `go on with --continuation ${word}`
}

/** When the job was started, failed, finished, or is due, by its state. */
function whenOf(job: ListedJob): string {
  switch (job.state) {
    case 'claimed':
      return `started ${since(job.startedAt)}`
    case 'failed':
      return since(job.errors.at(-1)?.at ?? null)
    case 'finished':
      return `${job.outcome} ${since(job.finishedAt)}`
    default:
      return `due ${since(job.scheduledAt)}`
  }
}

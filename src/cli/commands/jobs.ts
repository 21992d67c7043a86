import { Option } from 'commander'
import type { JobState } from '../../job/job.ts'
import type { Count } from '../../transitions/count-jobs.ts'
import type { ListedJob } from '../../manage/list.ts'
import type { Queue } from '../../queue.ts'
import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { countText, plain, report, since, stateText, table } from '../report.ts'
import { shellWord } from '../shell-word.ts'
import { UsageError } from '../usage-error.ts'
import { filterOf, type FilterOptions, numberOf, withFilter } from '../selection-options.ts'
import { manage } from '../../manage/index.ts'

/** In the order in which a person looks for jobs. */
const states: readonly JobState[] = ['claimed', 'ready', 'blocked', 'scheduled', 'failed', 'finished']

interface JobsOptions extends ReportOptions, FilterOptions {
  readonly state?: JobState
  readonly limit: number
  readonly after?: string
}

export const jobs = withFilter(reporting('jobs', 'list jobs: of all states, or page by page of one'))
  .addOption(new Option('-s, --state <state>', 'of this state only').choices(states))
  .option('-n, --limit <number>', 'list so many at most', numberOf(1, 1000), 50)
  .addOption(new Option('--after <text>', 'go on where the page before ended; with --state'))
  .action((options: JobsOptions) => {
    if (options.state === undefined && options.after !== undefined)
      throw new UsageError('--after goes on with a list of one state: say --state.')
    return withQueue(options, async ({ queue }) => {
      const list = await (options.state === undefined
        ? ofAllStates(queue, options)
        : ofState(queue, options.state, options))
      report(options, list, () => shown(list))
    })
  })

interface List {
  readonly items: readonly ListedJob[]
  /** Null: the list is complete, or has jobs of several states. */
  readonly next: string | null
  /** Whether there are more jobs. */
  readonly more: boolean
  /** How many jobs each state has, whatever the filter; only where no state was asked for. */
  readonly counts?: Readonly<Record<JobState, Count>>
}

async function ofState(queue: Queue, state: JobState, options: JobsOptions): Promise<List> {
  const { items, next } = await manage(queue).jobs.list({ ...filterOf(options), state }, options)
  return { items, next, more: next !== null }
}

/** Lists the jobs of one state, then those of the next, up to `max`. */
async function ofAllStates(queue: Queue, options: JobsOptions): Promise<List> {
  const { jobs: all } = manage(queue)
  const items: ListedJob[] = []
  let more = false
  for (const state of options.fingerprint === undefined ? states : (['failed'] as const)) {
    const left = options.limit - items.length
    const page = await all.list({ ...filterOf(options), state }, { limit: Math.max(1, left) })
    items.push(...page.items.slice(0, left))
    more ||= page.next !== null || page.items.length > left
  }
  return { items, next: null, more, counts: await all.counts() }
}

function shown({ items, next, more, counts }: List): string {
  const rows = items.map((job) => [
    job.id,
    stateText(job.state),
    plain(job.queue),
    plain(job.task),
    String(job.priority),
    `${job.attempts}/${job.maxAttempts}`,
    whenOf(job),
    // Failures before a success are over.
    job.outcome === 'succeeded' ? '' : plain(job.errors.at(-1)?.message ?? '', 60),
  ])
  const drawn = table(
    ['ID', 'STATE', 'QUEUE', 'TASK', 'PRIORITY', 'ATTEMPTS', 'WHEN', 'LAST ERROR'],
    rows,
    more ? 'None of those that were looked at so far.' : 'There are no such jobs.',
  )
  const all = counts ? `${states.map((state) => `${countText(counts[state])} ${state}`).join(', ')}\n\n` : ''
  if (!more) return all + drawn
  return `${all}${drawn}\n\nThere are more: ${goOnText(next)}.`
}

function goOnText(next: string | null): string {
  if (next === null) return 'list one state with --state'
  const word = shellWord(next)
  return word === null ? 'go on with the `next` that --json gives' : `go on with --after ${word}`
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

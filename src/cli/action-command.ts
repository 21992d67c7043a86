import { type Command, Option } from 'commander'
import type { JobState } from '../job/job.ts'
import { manage } from '../manage/index.ts'
import type { Jobs } from '../manage/jobs.ts'
import type { Bulk, BulkOptions, JobFilter } from '../manage/selection.ts'
import { reporting, type ReportOptions } from './command.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'
import { withQueue } from './open.ts'
import { jobsText, report } from './report.ts'
import { filterOf, type FilterOptions, withFilter } from './selection-options.ts'
import { idsOf, wholeId } from './shortened-id.ts'
import { moveAll } from './sweep.ts'
import { UsageError } from './usage-error.ts'

/** An action of a person, on jobs by their ids or in bulk. */
export interface OperatorAction<State extends JobState> {
  readonly name: string
  readonly description: string
  /** As in `Retrying`, and `retried`. */
  readonly doing: string
  readonly done: string
  /** The states that jobs may be in; where there are several, `--state` chooses. */
  readonly states: readonly [State, ...State[]]
  /** Whether the action cannot be undone: then a bulk action is confirmed. */
  readonly destructive: boolean
  /** Acts on one job. Gives its outcome; null when nothing was done. */
  one(jobs: Jobs, id: string): Promise<string | null>
  /** Acts on all that are selected. */
  all(jobs: Jobs, selection: JobFilter & { state: State }, options: BulkOptions): Promise<Bulk>
}

/** Options of a bulk action. */
export interface SweepOptions extends ReportOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
}

interface ActionOptions<State extends JobState> extends SweepOptions, FilterOptions {
  readonly all?: boolean
  readonly state?: State
}

export function actionCommand<State extends JobState>(action: OperatorAction<State>): Command {
  const { name, description, states } = action
  const made = withFilter(reporting(name, description))
    .argument('[ids...]', 'these jobs, by their ids or the beginnings of them; or say which with the options', idsOf)
    .option('-a, --all', 'without a filter: all of them')
  if (states.length > 1)
    made.addOption(new Option('-s, --state <state>', 'where those of a filter are').choices(states))
  return withSweep(made, action).action(async (ids: readonly string[], options: ActionOptions<State>) => {
    const filter = filterOf(options)
    const given = [ids.length > 0, filter !== null, options.all === true].filter(Boolean).length
    if (given === 0)
      throw new UsageError(`Which jobs? Give ids, a filter (--queue, --task, --since, …), or --all for all of them.`)
    if (ids.length > 0 && given > 1) throw new UsageError('Give either ids, or a filter, or --all.')
    if (ids.length > 0) await moveEach(action, ids, options)
    else {
      const state = states.length === 1 ? states[0] : options.state
      if (state === undefined) throw new UsageError(`Where are they? Say --state ${states.join(' or ')}.`)
      await withQueue(options, ({ queue }) =>
        sweep(action, state, (bounds) => action.all(manage(queue).jobs, { ...filter, state }, bounds), options),
      )
    }
  })
}

export function withSweep(
  made: Command,
  { done, destructive }: Pick<OperatorAction<JobState>, 'done' | 'destructive'>,
): Command {
  made.option('--dry-run', `only say how many would be ${done}`)
  return destructive ? made.option('-y, --yes', 'do not ask whether to go on') : made
}

async function moveEach<State extends JobState>(
  { done, one }: OperatorAction<State>,
  ids: readonly string[],
  options: ActionOptions<State>,
): Promise<void> {
  if (options.dryRun) throw new UsageError('--dry-run counts what a filter means; look at a job with `steadytick job`.')
  await withQueue(options, async ({ queue }) => {
    const { jobs } = manage(queue)
    const wholes = new Map<string, string | null>()
    // A beginning that means several jobs is refused before any is moved.
    for (const id of ids) wholes.set(id, await wholeId(queue, id))
    const moved: { id: string; outcome: string | null; state: JobState | null }[] = []
    let failure: unknown
    for (const [given, id] of wholes)
      try {
        const outcome = id === null ? null : await one(jobs, id)
        const found = id === null ? null : await jobs.find(id)
        moved.push({ id: id ?? given, outcome, state: found?.state ?? null })
      } catch (error) {
        failure = error
        break
      }
    if (moved.some(({ outcome }) => outcome === null)) process.exitCode = exitCodes.nothing
    const count = moved.filter(({ outcome }) => outcome !== null).length
    report(options, { count, jobs: moved }, () =>
      moved
        .map(
          ({ id, outcome, state }) =>
            `${id}  ${outcome ?? `not ${done}: ${state === null ? 'there is no such job' : `it is ${state}`}`}`,
        )
        .join('\n'),
    )
    // The report tells of the jobs before the failure.
    if (failure !== undefined) throw failure
  })
}

/** Counts the jobs of a bulk action, asks where it cannot be undone, runs it, and reports the result. */
export async function sweep(
  { doing, done, name, destructive }: Pick<OperatorAction<JobState>, 'doing' | 'done' | 'name' | 'destructive'>,
  state: JobState,
  all: (options: BulkOptions) => Promise<Bulk>,
  options: SweepOptions,
): Promise<void> {
  const asks = destructive && options.yes !== true
  const total = options.dryRun || asks || process.stderr.isTTY ? (await all({ dryRun: true })).count : null
  if (options.dryRun) {
    report(options, { count: total, dryRun: true }, () => `${jobsText(total ?? 0, state)} would be ${done}.`)
    return
  }
  if (asks && total !== 0)
    await confirm(`${name[0]?.toUpperCase()}${name.slice(1)} ${jobsText(total ?? 0, state)}? It cannot be taken back.`)
  const count = total === 0 ? 0 : await moveAll(all, { doing, done, total })
  report(options, { count, dryRun: false }, () => `${jobsText(count)} ${done}.`)
}

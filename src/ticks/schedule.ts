import type { JobState } from '../job/job.ts'
import { checkSchedules, plannedAt } from '../recurring/schedule.ts'
import type { StoredRecurringTask } from '../recurring/recurring-task.ts'
import type { Problem } from '../recurrent-problem.ts'
import { lookForWork } from '../schema-version.ts'
import { findStates } from '../transitions/find-states.ts'
import { listDue } from '../transitions/list-recurring.ts'
import type { Look } from '../transitions/look.ts'
import { type Advance, advance, enqueueRecorded, recordOccurrences } from '../transitions/occur.ts'
import { noteTick } from '../transitions/record-tick.ts'
import type { Runner } from '../transitions/run.ts'
import { synchronize } from '../transitions/synchronize.ts'
import { combine, resent } from '../transitions/transition.ts'
import type { Core } from '../core.ts'
import { pass, shouldStop, type PassOptions, type TickReport } from './pass.ts'
import { type Plan, planOf } from './plan.ts'
import { portions } from './portions.ts'
import { inBulkOrOneByOne } from './in-bulk-or-one-by-one.ts'

export interface ScheduleReport extends TickReport {
  /** Jobs of occurrences that were enqueued. */
  readonly enqueued: number
}

/**
 * Enqueues the due occurrences of recurring tasks, each once, and writes the static recurring tasks of a new
 * deployment. Limited jobs are scheduled, and placed by the next `dispatch`. Asks for a tick when an occurrence was due.
 *
 * @throws SchemaError when the tables are missing, too old or too new; DatabaseError when the database fails
 */
export async function schedule(core: Core, options: PassOptions = {}): Promise<ScheduleReport> {
  const report = await pass(core, 'schedule', options, async (run) => {
    const found = await lookForWork(core.driver, run, core.deployment)
    const { enqueued, more } = await scheduleDue(core, run, found, options)
    return { enqueued, more }
  })
  if (report.enqueued > 0) await core.nudges.now()
  return report
}

export interface Scheduled {
  /** Jobs of occurrences that were enqueued. */
  readonly enqueued: number
  /** Enqueued jobs that dispatch has to place. */
  readonly unplaced: number
  /** Whether time ran out before all occurrences were enqueued. */
  readonly more: boolean
  /** Whether static recurring tasks were written: an earlier look at them may be out of date. */
  readonly synchronized: boolean
}

/** A deployment notes this often that it is there, and then sees what other deployments have written. */
const synchronizeEveryMs = 300_000

/** Recurring tasks that are read at once. */
const readMax = 200

/**
 * Does the work that a look has found. Due occurrences come first: a new deployment changes later occurrences only.
 *
 * @throws ConfigurationError when a schedule of a new deployment never comes
 */
export async function scheduleDue(
  core: Core,
  run: Runner['run'],
  { occurrenceDue, synchronizedMsAgo, hasStaticTasks }: Look,
  options: PassOptions,
): Promise<Scheduled> {
  const isConcerned = core.deployment.tasks.length > 0 || hasStaticTasks
  const synchronizes = isConcerned && (synchronizedMsAgo ?? synchronizeEveryMs) >= synchronizeEveryMs
  // A deployment that the database knows was checked: reading schedules costs a cold idle tick more than all the rest.
  if (synchronizes) checkSchedules(core.deployment.tasks)
  if (!occurrenceDue) core.emitter.recurrent(notEnqueued).endedBut(new Set())
  if (!occurrenceDue && !synchronizes) return { enqueued: 0, unplaced: 0, more: false, synchronized: false }
  const { now, ...done } = await enqueueDue(core, run, options)
  if (synchronizes && !done.more) await synchronizeStatic(core, run, now)
  return { ...done, synchronized: synchronizes && !done.more }
}

/** Enqueues all due occurrences, while there is time. Returns the time of the database's clock, too. */
async function enqueueDue(core: Core, run: Runner['run'], options: PassOptions) {
  const { deployment: served, driver } = core
  let enqueued = 0
  let unplaced = 0
  const failed = new Set<string>()
  const refuse = (key: string, error: unknown) => {
    failed.add(key)
    core.emitter.recurrent(notEnqueued).came(key, { key, error })
  }
  for (let after = ''; ;) {
    const { tasks, now } = await run(listDue(driver.dialect, { served, after, max: readMax }))
    for await (const advances of portions(plansOf(core, { tasks, now, refuse }, options))) {
      const answers = await inBulkOrOneByOne(
        advances,
        (some) => enqueueOnce(core, run, some),
        ({ key }, error) => refuse(key, error),
      )
      const states = answers.flat()
      enqueued += states.length
      unplaced += states.filter((state) => state === 'scheduled').length
    }
    const more = shouldStop(options)
    const last = tasks.at(-1)
    if (more || !last || tasks.length < readMax) {
      // A due task that was not read yet may have failed before.
      if (!more) core.emitter.recurrent(notEnqueued).endedBut(failed)
      return { now, enqueued, unplaced, more }
    }
    after = last.key
  }
}

const notEnqueued: Problem = {
  level: 'error',
  message: 'A recurring task cannot be enqueued',
  over: 'A recurring task is enqueued again, or no longer due',
}

/**
 * Plans one task after the other, while there is time. A recurring task that cannot be planned is refused, and stays
 * due; other tasks are enqueued all the same.
 */
async function* plansOf(
  core: Core,
  {
    tasks,
    now,
    refuse,
  }: { tasks: readonly StoredRecurringTask[]; now: Date; refuse: (key: string, error: unknown) => void },
  options: PassOptions,
): AsyncGenerator<Plan> {
  for (const { nextRunAt, ...task } of tasks) {
    if (shouldStop(options)) return
    if (nextRunAt === null) continue
    try {
      const plan = await planOf(core, { ...task, nextRunAt }, now)
      if (plan.leftOut)
        core.emitter.log('warn', 'A recurring task has missed too many occurrences; the oldest are left out', {
          key: task.key,
        })
      yield plan
    } catch (error) {
      refuse(task.key, error)
    }
  }
}

/**
 * Records, enqueues and passes the occurrences, all in one batch. Leaves out occurrences that another batch has
 * recorded. Returns the states of the jobs.
 */
async function enqueueOnce(core: Core, run: Runner['run'], advances: readonly Advance[]): Promise<JobState[]> {
  const { dialect } = core.driver
  const jobs = advances.flatMap(({ occurrences }) => occurrences.map(({ job }) => job))
  const { recorded, unplaced, again } = await run(
    combine({
      recorded: recordOccurrences(dialect, advances),
      unplaced: enqueueRecorded(dialect, advances),
      advanced: advance(dialect, advances),
      noted: noteTick(dialect, { actor: 'schedule' }),
      again: resent,
    }),
  )
  const states = new Map<string, JobState>()
  for (const id of recorded) states.set(id, unplaced.has(id) ? 'scheduled' : 'ready')
  if (again) {
    // An earlier try, whose answer was lost, may have enqueued these jobs.
    const stored = await run(findStates(dialect, { ids: jobs.map(({ id }) => id) }))
    for (const [id, state] of stored) states.set(id, state)
  }
  return jobs.flatMap(({ id, task: taskName, queue: queueName }) => {
    const state = states.get(id)
    if (state === undefined) return []
    core.emitter.emit('job.enqueued', { id, task: taskName, queue: queueName, state, created: true })
    return state
  })
}

const notWritten: Problem = {
  level: 'error',
  message: 'A recurring task cannot be written',
  over: 'A recurring task is written again',
}

const notUsed: Problem = {
  level: 'warn',
  message: 'A recurring task of the definition is not used: its key is that of one created at run time',
  over: 'A recurring task of the definition is used again',
}

async function synchronizeStatic({ driver, deployment, emitter }: Core, run: Runner['run'], now: Date): Promise<void> {
  const unwritten = new Set<string>()
  const answers = await inBulkOrOneByOne(
    plannedAt(now, deployment.tasks),
    async (some) => {
      const { taken } = await run(
        combine({
          taken: synchronize(driver.dialect, deployment, some),
          noted: noteTick(driver.dialect, { actor: 'schedule' }),
        }),
      )
      return taken
    },
    ({ task: { key } }, error) => {
      unwritten.add(key)
      emitter.recurrent(notWritten).came(key, { key, error })
    },
  )
  emitter.recurrent(notWritten).endedBut(unwritten)
  const unused = new Set(answers.flat())
  for (const key of unused) emitter.recurrent(notUsed).came(key, { key })
  emitter.recurrent(notUsed).endedBut(unused)
}

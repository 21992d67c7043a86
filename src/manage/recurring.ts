import type { Core } from '../core.ts'
import { isDatabaseError } from '../dialects/driver.ts'
import { ConfigurationError } from '../errors.ts'
import type { Task } from '../job/contract.ts'
import type { Enqueued, Skipped } from '../job/enqueued.ts'
import { isTask } from '../job/is-task.ts'
import { quote } from '../job/quote.ts'
import { keyIssue, readRecurring, type RecurringChanges, type RecurringOptions } from '../recurring/read-recurring.ts'
import { readStoredJson } from '../job/stored-json.ts'
import { type NewRecurringTask, storedMax, type StoredRecurringTask } from '../recurring/recurring-task.ts'
import { nextOf, plannedAt, readSchedule } from '../recurring/schedule.ts'
import {
  createRecurring,
  deleteRecurring,
  disableRecurring,
  editRecurring,
  enableRecurring,
} from '../transitions/change-recurring.ts'
import { type Occurrence, listOccurrences } from '../transitions/list-occurrences.ts'
import { findRecurring, listRecurring } from '../transitions/list-recurring.ts'
import { schedule } from '../ticks/schedule.ts'
import { type Runner, runner } from '../transitions/run.ts'
import { synchronize } from '../transitions/synchronize.ts'
import type { Transition } from '../transitions/transition.ts'
import { checkedLimit } from './checked-limit.ts'
import { checkedText } from './checked-text.ts'
import { Listing, pageByName, type PageOptions } from './listing.ts'
import { RecurringTaskExistsError, StaticRecurringTaskError } from './recurring-errors.ts'
import type { Issue } from '../job/issue.ts'

/** A recurring task in a list. */
export interface RecurringTask extends Omit<StoredRecurringTask, 'payload' | 'payloadMeta' | 'version' | 'nextRunAt'> {
  /** The next occurrence, in the past when it is due; null while it is disabled or removed. */
  readonly nextRunAt: Date | null
  /** As plain JSON: a Date is its text here. */
  readonly payload: unknown
  /** Whether the task is as the definition at hand has it; null: it is not of that definition, or not static. */
  readonly asDefined: boolean | null
}

/** The actions of people on recurring tasks. */
export class Recurring {
  readonly #core: Core
  readonly #runner: Runner

  constructor(core: Core) {
    this.#core = core
    this.#runner = runner(core.driver)
  }

  /**
   * Lists the recurring tasks, by the bytes of their keys: the tasks of the definitions in use, and the tasks created
   * at run time.
   *
   * @param limit of a page, 1 to 1,000; default 1,000
   * @param after a key, too
   */
  list({ limit = 1000, after }: PageOptions = {}): Listing<RecurringTask> {
    return new Listing(async (from) => {
      const { tasks } = await this.#runner.run(
        listRecurring(this.#core.driver.dialect, {
          max: checkedLimit('recurring.list()', limit),
          after: checkedText('recurring.list()', 'after', from ?? ''),
        }),
      )
      return pageByName(
        tasks.map((task) => this.#shown(task)),
        limit,
        ({ key }) => key,
      )
    }, after)
  }

  /** The recurring task of that key; null when there is none. */
  async find(key: string): Promise<RecurringTask | null> {
    const stored = await this.#stored(key)
    return stored && this.#shown(stored)
  }

  /**
   * Lists the occurrences of a recurring task that were enqueued, the last first. They are recorded for a week, or as long
   * as finished jobs are kept.
   *
   * @param limit 1 to 1,000; default 50
   */
  async occurrences(
    key: string,
    { limit = 50 }: { readonly limit?: number | undefined } = {},
  ): Promise<readonly Occurrence[]> {
    const occurrences = await this.#runner.run(
      listOccurrences(this.#core.driver.dialect, {
        key: checkedKey(key),
        max: checkedLimit('recurring.occurrences()', limit),
      }),
    )
    return occurrences
  }

  /**
   * Creates a recurring task. Its first occurrence is the next one of its schedule.
   *
   * @throws ConfigurationError listing everything that is wrong, or when there are 10,000 recurring tasks
   * @throws RecurringTaskExistsError when there is one of that key
   * @throws OutcomeUnknownError when the answer was lost: it may have been created
   */
  async create<Input>(key: string, options: RecurringOptions<Input>): Promise<void> {
    const { tasks, now } = keyIssue(key) ? { tasks: [], now: new Date() } : await this.#read(key)
    const [other] = tasks
    const task = await this.#taskOf(key, options, { isTaken: other !== undefined })
    if (other) throw new RecurringTaskExistsError(other)
    let created: boolean | null
    try {
      created = await this.#runner.run(createRecurring(this.#core.driver.dialect, { task, next: nextOf(task, now) }))
    } catch (error) {
      if (isDatabaseError(error) && error.failure === 'duplicate')
        throw new RecurringTaskExistsError({ key, removedAt: null })
      throw error
    }
    if (created === false)
      throw new ConfigurationError(`The recurring task ${quote(key)}`, [
        {
          path: '',
          message: `there are ${storedMax} already; delete some, or let one recurring task enqueue a job for each of many`,
        },
      ])
  }

  /**
   * Changes a recurring task that was created at run time. If its schedule or time zone changes, occurrences that were
   * due are left out. False: there is no task of that key.
   *
   * @throws ConfigurationError listing everything that is wrong
   * @throws StaticRecurringTaskError when the task comes from the definition
   */
  edit<Input>(key: string, changes: RecurringChanges<Input>): Promise<boolean> {
    return this.#change(key, async (before, now) => {
      if (before.static) throw new StaticRecurringTaskError(before)
      const task = await this.#taskOf(key, changes, { before })
      return editRecurring(this.#core.driver.dialect, { task, version: before.version, next: nextOf(task, now) })
    })
  }

  /**
   * Deletes a recurring task that was created at run time, or was removed from the definition. Its jobs, and the record
   * of its occurrences, stay. False: there is no task of that key.
   *
   * @throws StaticRecurringTaskError when the task comes from the definition
   */
  async delete(key: string): Promise<boolean> {
    const deleted = await this.#runner.run(deleteRecurring(this.#core.driver.dialect, { key: checkedKey(key) }))
    if (deleted) return true
    const left = await this.#stored(key)
    if (left) throw new StaticRecurringTaskError(left)
    return deleted === null
  }

  /** Lets a recurring task occur again, from now on. False: no disabled task has that key. */
  enable(key: string): Promise<boolean> {
    return this.#change(key, async (task, now) => {
      const { enabled, version } = task
      return enabled ? null : enableRecurring(this.#core.driver.dialect, { key, version, next: nextOf(task, now) })
    })
  }

  /**
   * Keeps a recurring task from occurring until it is enabled, whatever is deployed. False: no enabled task has that
   * key.
   */
  async disable(key: string): Promise<boolean> {
    const disabled = await this.#runner.run(disableRecurring(this.#core.driver.dialect, { key: checkedKey(key) }))
    return disabled ?? true
  }

  /**
   * Enqueues a job of a recurring task now, beside the jobs of its schedule. Null: no recurring task has that key.
   *
   * @throws PayloadError when the task's schema refuses the payload by now
   * @throws ConfigurationError when its task or queue is not of this definition
   */
  async runNow(key: string): Promise<Enqueued | Skipped | null> {
    const recurring = await this.#stored(key)
    if (!recurring) return null
    const { task: taskName, queue: queueName, priority, payload, payloadMeta } = recurring
    const { tasks, codec, enqueuer } = this.#core
    const task = tasks.get(taskName)?.task
    if (!task)
      throw new ConfigurationError(`The recurring task "${key}"`, [
        { path: 'task', message: `"${taskName}" is not in the \`tasks\` of this queue; add it there` },
      ])
    return enqueuer.enqueue(task, await codec.decode(payload, payloadMeta), {
      queue: queueName ?? undefined,
      priority: priority ?? undefined,
    })
  }

  /**
   * Writes the recurring tasks of this definition as it has them, and makes this deployment the newest: for a step back
   * that is not to wait until later deployments are gone. Holds for as long as this deployment's ticks come. Due
   * occurrences are enqueued first, as ticks do.
   *
   * @returns the keys that are not written, since tasks created at run time have them
   */
  async apply(): Promise<readonly string[]> {
    await schedule(this.#core)
    const { deployment, driver } = this.#core
    const { now } = await this.#runner.run(listRecurring(driver.dialect, { after: '', max: 1 }))
    const planned = plannedAt(now, deployment.tasks)
    const taken = await this.#runner.run(synchronize(driver.dialect, deployment, planned, { insists: true }))
    return taken
  }

  /** The recurring task of that key as it is stored; null when there is none. */
  async #stored(key: string): Promise<StoredRecurringTask | null> {
    const { tasks } = await this.#read(key)
    return tasks[0] ?? null
  }

  /** Changes a task that was read; reads it again if it was changed meanwhile. False: there is nothing to be done. */
  async #change(
    key: string,
    of: (task: StoredRecurringTask, now: Date) => Promise<Transition<boolean | null> | null>,
  ): Promise<boolean> {
    for (let mayBeDone = false; ;) {
      const { tasks, now } = await this.#read(key)
      const [task] = tasks
      const change = task ? await of(task, now) : null
      if (!change) return mayBeDone
      const changed = await this.#runner.run(change)
      if (changed) return true
      mayBeDone ||= changed === null
    }
  }

  async #read(key: string) {
    const read = await this.#runner.run(findRecurring(this.#core.driver.dialect, { key: checkedKey(key) }))
    return read
  }

  #shown({ payload, payloadMeta, version: _, ...task }: StoredRecurringTask): RecurringTask {
    const { key, removedAt } = task
    const here = this.#core.deployment.tasks.find((each) => each.key === key)
    const asDefined = here && task.static ? removedAt === null && isSame(here, { ...task, payload, payloadMeta }) : null
    const nextRunAt = removedAt === null ? task.nextRunAt : null
    return { ...task, nextRunAt, payload: readStoredJson(payload), asDefined }
  }

  /** @throws ConfigurationError listing everything that is wrong */
  async #taskOf(
    key: string,
    given: RecurringChanges,
    { before = null, isTaken = false }: { before?: StoredRecurringTask | null; isTaken?: boolean },
  ): Promise<NewRecurringTask> {
    const issues: Issue[] = []
    const kept = before && isTask(given?.task) && mayRefuse(given.task) && !('payload' in given) ? before : null
    // Another task must accept the payload that stays.
    const changes = kept ? { ...given, payload: await this.#core.codec.decode(kept.payload, kept.payloadMeta) } : given
    const { task, later } = readRecurring(key, changes, this.#core, {
      before,
      issues,
      checkTiming: readSchedule,
    })
    issues.push(...((await later) ?? []))
    if (isTaken && issues.length > 0)
      issues.unshift({ path: 'key', message: `${quote(key)} is that of another recurring task` })
    if (!task || issues.length > 0) throw new ConfigurationError(`The recurring task ${quote(key)}`, issues)
    return task
  }
}

const mayRefuse = ({ '~': { schema, takesPayload } }: Task): boolean => schema !== null || !takesPayload

/** Whether two tasks are the same in the columns of the first. */
const isSame = (one: NewRecurringTask, other: NewRecurringTask): boolean =>
  (Object.keys(one) as (keyof NewRecurringTask)[]).every((name) => one[name] === other[name])

/** @throws ConfigurationError when `key` cannot be the key of a recurring task */
function checkedKey(key: string): string {
  const issue = keyIssue(key)
  if (issue) throw new ConfigurationError('The recurring task', [issue])
  return key
}

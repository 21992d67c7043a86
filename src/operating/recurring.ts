import { DatabaseError, type Driver } from '../dialects/driver.ts'
import { ConfigurationError, QueueError } from '../errors.ts'
import { quote } from '../job/quote.ts'
import { type Deployment, plannedAt } from '../recurring/deployment.ts'
import {
  type Accepted,
  keyProblem,
  readRecurring,
  type RecurringChanges,
  type RecurringOptions,
} from '../recurring/read-recurring.ts'
import { readStoredJson } from '../job/stored-json.ts'
import { type NewRecurringTask, storedMax, type StoredRecurringTask } from '../recurring/recurring-task.ts'
import { nextOf } from '../recurring/schedule.ts'
import {
  createRecurring,
  deleteRecurring,
  disableRecurring,
  editRecurring,
  enableRecurring,
} from '../transitions/change-recurring.ts'
import { type Occurrence, listOccurrences } from '../transitions/list-occurrences.ts'
import { findRecurring, listRecurring } from '../transitions/list-recurring.ts'
import { synchronize } from '../transitions/synchronize.ts'
import type { Transition } from '../transitions/transition.ts'
import { checkedMax } from './checked-max.ts'
import { checkedText } from './checked-text.ts'
import { Operator } from './operator.ts'

/** There is a recurring task of that key already. */
export class RecurringTaskExistsError extends QueueError {
  override readonly name = 'RecurringTaskExistsError'
  readonly code = 'RECURRING_TASK_EXISTS'

  constructor({ key, removedAt }: Pick<StoredRecurringTask, 'key' | 'removedAt'>) {
    const wayOut =
      removedAt === null ? 'Edit it, or choose another key.' : 'No definition has it any more: delete it first.'
    super(`There is a recurring task "${key}" already. ${wayOut}`)
  }
}

/** The recurring task comes from the definition, so it cannot be changed or deleted at run time. */
export class StaticRecurringTaskError extends QueueError {
  override readonly name = 'StaticRecurringTaskError'
  readonly code = 'RECURRING_TASK_STATIC'

  constructor({ key, removedAt }: Pick<StoredRecurringTask, 'key' | 'removedAt'>) {
    super(
      removedAt === null
        ? `The recurring task "${key}" comes from a definition, of this deployment or of another within the hour. Change it there, and deploy; or disable it here.`
        : `The recurring task "${key}" came from a definition, and none has it any more. Delete it, and create it anew.`,
    )
  }
}

/** A recurring task in a list. */
export interface RecurringTask extends Omit<StoredRecurringTask, 'payload' | 'payloadMeta' | 'version' | 'nextRunAt'> {
  /** The next occurrence, in the past when it is due; null while it is disabled or removed. */
  readonly nextRunAt: Date | null
  /** As plain JSON: a Date is its text here. */
  readonly payload: unknown
  /** Whether the task is as the definition at hand has it; null: it is not of that definition, or not static. */
  readonly asDefined: boolean | null
}

/** The actions of people on recurring tasks, beside jobs and queues. */
export class RecurringOperator extends Operator {
  readonly #accepted: Accepted
  readonly #deployment: Deployment

  constructor(
    { driver, deployment, ...accepted }: Accepted & { driver: Driver; deployment: Deployment },
    wake: () => void,
  ) {
    super(driver, wake)
    this.#accepted = accepted
    this.#deployment = deployment
  }

  /**
   * Lists the recurring tasks, by the bytes of their keys: the tasks of the definitions in use, and the tasks created
   * at run time.
   *
   * @param max 1 to 1,000; default 1,000
   * @param after go on behind this key; default: from the beginning
   */
  async recurring({ max = 1000, after = '' }: { max?: number; after?: string } = {}): Promise<
    readonly RecurringTask[]
  > {
    const { tasks } = await this.runner.run(
      listRecurring(this.driver.dialect, {
        max: checkedMax('recurring()', max),
        after: checkedText('recurring()', 'after', after),
      }),
    )
    return tasks.map((task) => this.#shown(task))
  }

  /** The recurring task of that key; null when there is none. */
  async findRecurring(key: string): Promise<RecurringTask | null> {
    const stored = await this.storedRecurring(key)
    return stored && this.#shown(stored)
  }

  /**
   * Lists the occurrences of a recurring task that were enqueued, the last first. They are recorded for a week, or as long
   * as finished jobs are kept.
   *
   * @param max 1 to 1,000; default 50
   */
  async occurrences(key: string, { max = 50 }: { max?: number } = {}): Promise<readonly Occurrence[]> {
    const occurrences = await this.runner.run(
      listOccurrences(this.driver.dialect, { key: checkedKey(key), max: checkedMax('occurrences()', max) }),
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
  async createRecurring<Input>(key: string, options: RecurringOptions<Input>): Promise<void> {
    const { tasks, now } = keyProblem(key) ? { tasks: [], now: new Date() } : await this.#read(key)
    const [other] = tasks
    const task = await this.#taskOf(key, options, { isTaken: other !== undefined })
    if (other) throw new RecurringTaskExistsError(other)
    let created: boolean | null
    try {
      created = await this.runner.run(createRecurring(this.driver.dialect, { task, next: nextOf(task, now) }))
    } catch (error) {
      if (error instanceof DatabaseError && error.failure === 'duplicate')
        throw new RecurringTaskExistsError({ key, removedAt: null })
      throw error
    }
    if (created === false)
      throw new ConfigurationError(`The recurring task ${quote(key)}`, [
        `there are ${storedMax} already; delete some, or let one recurring task enqueue a job for each of many`,
      ])
  }

  /**
   * Changes a recurring task that was created at run time. If its schedule or time zone changes, occurrences that were
   * due are left out. False: there is no task of that key.
   *
   * @throws ConfigurationError listing everything that is wrong
   * @throws StaticRecurringTaskError when the task comes from the definition
   */
  editRecurring<Input>(key: string, changes: RecurringChanges<Input>): Promise<boolean> {
    return this.#change(key, async (before, now) => {
      if (before.static) throw new StaticRecurringTaskError(before)
      const task = await this.#taskOf(key, changes, { before })
      return editRecurring(this.driver.dialect, { task, version: before.version, next: nextOf(task, now) })
    })
  }

  /**
   * Deletes a recurring task that was created at run time, or was removed from the definition. Its jobs, and the record
   * of its occurrences, stay. False: there is no task of that key.
   *
   * @throws StaticRecurringTaskError when the task comes from the definition
   */
  async deleteRecurring(key: string): Promise<boolean> {
    const deleted = await this.runner.run(deleteRecurring(this.driver.dialect, { key: checkedKey(key) }))
    if (deleted) return true
    const left = await this.storedRecurring(key)
    if (left) throw new StaticRecurringTaskError(left)
    return deleted === null
  }

  /** Lets a recurring task occur again, from now on. False: no disabled task has that key. */
  enableRecurring(key: string): Promise<boolean> {
    return this.#change(key, async (task, now) => {
      const { enabled, version } = task
      return enabled ? null : enableRecurring(this.driver.dialect, { key, version, next: nextOf(task, now) })
    })
  }

  /**
   * Keeps a recurring task from occurring until it is enabled, whatever is deployed. False: no enabled task has that
   * key.
   */
  async disableRecurring(key: string): Promise<boolean> {
    const disabled = await this.runner.run(disableRecurring(this.driver.dialect, { key: checkedKey(key) }))
    return disabled ?? true
  }

  /** The recurring task of that key as it is stored; null when there is none. */
  protected async storedRecurring(key: string): Promise<StoredRecurringTask | null> {
    const { tasks } = await this.#read(key)
    return tasks[0] ?? null
  }

  /**
   * Writes the tasks of the definition at hand, as if it were deployed now. Returns the keys that dynamic tasks have
   * taken.
   */
  protected async writeStatic(): Promise<readonly string[]> {
    const { dialect } = this.driver
    const { now } = await this.runner.run(listRecurring(dialect, { after: '', max: 1 }))
    const planned = plannedAt(now, this.#deployment)
    const taken = await this.runner.run(synchronize(dialect, this.#deployment, planned, { insists: true }))
    return taken
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
      const changed = await this.runner.run(change)
      if (changed) return true
      mayBeDone ||= changed === null
    }
  }

  async #read(key: string) {
    const read = await this.runner.run(findRecurring(this.driver.dialect, { key: checkedKey(key) }))
    return read
  }

  #shown({ payload, payloadMeta, version: _, ...task }: StoredRecurringTask): RecurringTask {
    const { key, removedAt } = task
    const here = this.#deployment.tasks.find((each) => each.key === key)
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
    const problems: string[] = []
    const kept = before && given?.task?.schema && !('payload' in given) ? before : null
    // Another task's schema must accept the payload that stays.
    const changes = kept
      ? { ...given, payload: await this.#accepted.codec.decode(kept.payload, kept.payloadMeta) }
      : given
    const { task, later } = readRecurring(key, changes, this.#accepted, { before, problems })
    problems.push(...((await later) ?? []))
    if (isTaken && problems.length > 0) problems.unshift(`key: ${quote(key)} is that of another recurring task`)
    if (!task || problems.length > 0) throw new ConfigurationError(`The recurring task ${quote(key)}`, problems)
    return task
  }
}

/** Whether two tasks are the same in the columns of the first. */
const isSame = (one: NewRecurringTask, other: NewRecurringTask): boolean =>
  (Object.keys(one) as (keyof NewRecurringTask)[]).every((name) => one[name] === other[name])

/** @throws ConfigurationError when `key` cannot be the key of a recurring task */
function checkedKey(key: string): string {
  const problem = keyProblem(key)
  if (problem) throw new ConfigurationError('The recurring task', [problem])
  return key
}

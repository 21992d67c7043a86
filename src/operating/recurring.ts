import { DatabaseError } from '../dialects/driver.ts'
import { ConfigurationError, QueueError } from '../errors.ts'
import { type Deployment, plannedAt } from '../recurring/deployment.ts'
import { type Accepted, keyProblem, readRecurring, type RecurringChanges } from '../recurring/read-recurring.ts'
import type { NewRecurringTask, StoredRecurringTask } from '../recurring/recurring-task.ts'
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
import type { Runner } from '../transitions/run.ts'
import { synchronize } from '../transitions/synchronize.ts'
import type { Transition } from '../transitions/transition.ts'
import { checkedMax } from './checked-max.ts'

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

/** It comes from the definition, so it is not for run time to change or delete. */
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
  /** Whether it is as the definition at hand has it; null: it is not of that definition, or not static. */
  readonly asDefined: boolean | null
}

/** What people do to recurring tasks. */
export class RecurringTasks {
  readonly #runner: Runner
  readonly #accepted: Accepted
  readonly #deployment: Deployment

  constructor(runner: Runner, accepted: Accepted, deployment: Deployment) {
    this.#runner = runner
    this.#accepted = accepted
    this.#deployment = deployment
  }

  async list({ max, after }: { max: number; after: string }): Promise<readonly RecurringTask[]> {
    const [{ tasks }] = await this.#runner.run(
      listRecurring(this.#runner.driver.dialect, { max: checkedMax('recurring()', max), after }),
    )
    return tasks.map((task) => this.#shown(task))
  }

  /** Null: there is none of that key. */
  async find(key: string): Promise<RecurringTask | null> {
    const stored = await this.stored(key)
    return stored && this.#shown(stored)
  }

  /** The same, as it is stored. */
  async stored(key: string): Promise<StoredRecurringTask | null> {
    const { tasks } = await this.#read(key)
    return tasks[0] ?? null
  }

  async occurrences(key: string, max: number): Promise<readonly Occurrence[]> {
    const [occurrences] = await this.#runner.run(
      listOccurrences(this.#runner.driver.dialect, { key: checkedKey(key), max: checkedMax('occurrences()', max) }),
    )
    return occurrences
  }

  /** Writes what the definition at hand has, as if it were deployed now. Returns the keys that dynamic tasks have taken. */
  async apply(): Promise<readonly string[]> {
    const { dialect } = this.#runner.driver
    const [{ now }] = await this.#runner.run(listRecurring(dialect, { after: '', max: 1 }))
    const planned = plannedAt(now, this.#deployment)
    const [taken] = await this.#runner.run(synchronize(dialect, this.#deployment, planned, { insists: true }))
    return taken
  }

  async create(key: string, options: RecurringChanges): Promise<void> {
    const { tasks, now } = keyProblem(key) ? { tasks: [], now: new Date() } : await this.#read(key)
    const [other] = tasks
    const task = await this.#taskOf(key, options, { isTaken: other !== undefined })
    if (other) throw new RecurringTaskExistsError(other)
    try {
      await this.#runner.run(createRecurring(this.#runner.driver.dialect, { task, next: nextOf(task, now) }))
    } catch (error) {
      if (error instanceof DatabaseError && error.failure === 'duplicate')
        throw new RecurringTaskExistsError({ key, removedAt: null })
      throw error
    }
  }

  edit(key: string, changes: RecurringChanges): Promise<boolean> {
    return this.#change(key, async (before, now) => {
      if (before.static) throw new StaticRecurringTaskError(before)
      const task = await this.#taskOf(key, changes, { before })
      return editRecurring(this.#runner.driver.dialect, { task, version: before.version, next: nextOf(task, now) })
    })
  }

  async delete(key: string): Promise<boolean> {
    const [deleted] = await this.#runner.run(deleteRecurring(this.#runner.driver.dialect, { key: checkedKey(key) }))
    if (deleted) return true
    const left = await this.stored(key)
    if (left) throw new StaticRecurringTaskError(left)
    return deleted === null
  }

  enable(key: string): Promise<boolean> {
    return this.#change(key, async (task, now) => {
      const { enabled, version } = task
      return enabled ? null : enableRecurring(this.#runner.driver.dialect, { key, version, next: nextOf(task, now) })
    })
  }

  async disable(key: string): Promise<boolean> {
    const [disabled] = await this.#runner.run(disableRecurring(this.#runner.driver.dialect, { key: checkedKey(key) }))
    return disabled ?? true
  }

  /** Changes what was read, and reads it again where somebody else changed it meanwhile. False: there is nothing to be done. */
  async #change(
    key: string,
    of: (task: StoredRecurringTask, now: Date) => Promise<Transition<boolean | null> | null>,
  ): Promise<boolean> {
    for (let mayBeDone = false; ;) {
      const { tasks, now } = await this.#read(key)
      const [task] = tasks
      const change = task ? await of(task, now) : null
      if (!change) return mayBeDone
      const [changed] = await this.#runner.run(change)
      if (changed) return true
      mayBeDone ||= changed === null
    }
  }

  async #read(key: string) {
    const [read] = await this.#runner.run(findRecurring(this.#runner.driver.dialect, { key: checkedKey(key) }))
    return read
  }

  #shown({ payload, payloadMeta, version: _, ...task }: StoredRecurringTask): RecurringTask {
    const { key, removedAt } = task
    const here = this.#deployment.tasks.find((each) => each.key === key)
    const asDefined = here && task.static ? removedAt === null && isSame(here, { ...task, payload, payloadMeta }) : null
    const nextRunAt = removedAt === null ? task.nextRunAt : null
    return { ...task, nextRunAt, payload: JSON.parse(payload) as unknown, asDefined }
  }

  /** @throws ConfigurationError listing everything that is wrong */
  async #taskOf(
    key: string,
    given: RecurringChanges,
    { before = null, isTaken = false }: { before?: StoredRecurringTask | null; isTaken?: boolean },
  ): Promise<NewRecurringTask> {
    const problems: string[] = []
    const kept = before && given?.task?.schema && !('payload' in given) ? before : null
    // Another task's schema is to accept the payload that stays.
    const changes = kept
      ? { ...given, payload: await this.#accepted.codec.decode(kept.payload, kept.payloadMeta) }
      : given
    const { task, later } = readRecurring(key, changes, this.#accepted, { before, problems })
    problems.push(...((await later) ?? []))
    if (isTaken && problems.length > 0)
      problems.unshift(`key: ${JSON.stringify(key)} is that of another recurring task`)
    if (!task || problems.length > 0)
      throw new ConfigurationError(`The recurring task ${JSON.stringify(key)}`, problems)
    return task
  }
}

/** Whether two say the same, by the columns of the first. */
const isSame = (one: NewRecurringTask, other: NewRecurringTask): boolean =>
  (Object.keys(one) as (keyof NewRecurringTask)[]).every((name) => one[name] === other[name])

/** @throws ConfigurationError when it can be the key of no recurring task */
function checkedKey(key: string): string {
  const problem = keyProblem(key)
  if (problem) throw new ConfigurationError('The recurring task', [problem])
  return key
}

import { DatabaseError } from '../dialects/driver.ts'
import { ConfigurationError, QueueError } from '../errors.ts'
import type { Deployment } from '../recurring/deployment.ts'
import { type Accepted, readRecurring, type RecurringChanges } from '../recurring/read-recurring.ts'
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

/** There is a recurring task of that key already. */
export class RecurringTaskExistsError extends QueueError {
  override readonly name = 'RecurringTaskExistsError'
  readonly code = 'RECURRING_TASK_EXISTS'

  constructor(key: string) {
    super(`There is a recurring task "${key}" already. Edit it, or choose another key.`)
  }
}

/** It comes from the definition, so it is not for run time to change or delete. */
export class StaticRecurringTaskError extends QueueError {
  override readonly name = 'StaticRecurringTaskError'
  readonly code = 'RECURRING_TASK_STATIC'

  constructor(key: string) {
    super(
      `The recurring task "${key}" comes from a definition, of this deployment or of another within the hour. Change it there, and deploy; or disable it here.`,
    )
  }
}

/** A recurring task in a list. */
export interface RecurringTask extends Omit<StoredRecurringTask, 'payload' | 'payloadMeta'> {
  /** As plain JSON: a Date is its text here. */
  readonly payload: unknown
  /** Whether it is as the definition at hand has it; null: it is not of that definition. */
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

  async list(): Promise<readonly RecurringTask[]> {
    const [{ tasks }] = await this.#runner.run(listRecurring(this.#runner.driver.dialect))
    const defined = new Map(this.#deployment.tasks.map((task) => [task.key, task]))
    return tasks.map((stored) => {
      const { payload, payloadMeta: _, ...task } = stored
      const here = defined.get(task.key)
      const asDefined = here ? stored.static && stored.removedAt === null && isSame(here, stored) : null
      return { ...task, payload: JSON.parse(payload) as unknown, asDefined }
    })
  }

  /** Writes what the definition at hand has, as if it were deployed now. */
  async apply(): Promise<void> {
    const [{ now }] = await this.#runner.run(listRecurring(this.#runner.driver.dialect))
    const planned = this.#deployment.tasks.map((task) => ({ task, next: nextOf(task, now) }))
    await this.#runner.run(synchronize(this.#runner.driver.dialect, this.#deployment, planned, { insists: true }))
  }

  async occurrences(key: string, max: number): Promise<readonly Occurrence[]> {
    if (!Number.isInteger(max) || max < 1 || max > 1000)
      throw new ConfigurationError('occurrences()', [`max: ${String(max)}; use a whole number from 1 to 1000`])
    const [occurrences] = await this.#runner.run(listOccurrences(this.#runner.driver.dialect, { key, max }))
    return occurrences
  }

  /** Null: there is none of that key. */
  async find(key: string): Promise<StoredRecurringTask | null> {
    const { tasks } = await this.#read(key)
    return tasks[0] ?? null
  }

  async create(key: string, options: RecurringChanges): Promise<void> {
    const task = await this.#taskOf(key, options, null)
    const { now } = await this.#read(key)
    try {
      await this.#runner.run(createRecurring(this.#runner.driver.dialect, { task, next: nextOf(task, now) }))
    } catch (error) {
      if (error instanceof DatabaseError && error.failure === 'duplicate') throw new RecurringTaskExistsError(key)
      throw error
    }
  }

  async edit(key: string, changes: RecurringChanges): Promise<boolean> {
    const { tasks, now } = await this.#read(key)
    const [before] = tasks
    if (!before) return false
    if (before.static) throw new StaticRecurringTaskError(key)
    const task = await this.#taskOf(key, changes, before)
    const [edited] = await this.#runner.run(
      editRecurring(this.#runner.driver.dialect, { task, next: nextOf(task, now) }),
    )
    return edited
  }

  async delete(key: string): Promise<boolean> {
    const [deleted] = await this.#runner.run(deleteRecurring(this.#runner.driver.dialect, { key }))
    if (!deleted && (await this.find(key))) throw new StaticRecurringTaskError(key)
    return deleted
  }

  async enable(key: string): Promise<boolean> {
    const { tasks, now } = await this.#read(key)
    const [task] = tasks
    if (!task || task.enabled) return false
    const [enabled] = await this.#runner.run(
      enableRecurring(this.#runner.driver.dialect, { key, next: nextOf(task, now) }),
    )
    return enabled
  }

  async disable(key: string): Promise<boolean> {
    const [disabled] = await this.#runner.run(disableRecurring(this.#runner.driver.dialect, { key }))
    return disabled
  }

  async #read(key: string) {
    const [read] = await this.#runner.run(findRecurring(this.#runner.driver.dialect, { key }))
    return read
  }

  /** @throws ConfigurationError listing everything that is wrong */
  async #taskOf(key: string, given: RecurringChanges, before: StoredRecurringTask | null): Promise<NewRecurringTask> {
    const problems: string[] = []
    const { codec } = this.#accepted
    const { task, later } = readRecurring(key, given, this.#accepted, {
      before: before && { task: before, payload: await codec.decode(before.payload, before.payloadMeta) },
      problems,
    })
    problems.push(...((await later) ?? []))
    if (!task || problems.length > 0)
      throw new ConfigurationError(`The recurring task ${JSON.stringify(key)}`, problems)
    return task
  }
}

/** Whether two say the same, by the columns of the first. */
const isSame = (one: NewRecurringTask, other: NewRecurringTask): boolean =>
  (Object.keys(one) as (keyof NewRecurringTask)[]).every((name) => one[name] === other[name])

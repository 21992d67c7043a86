import { QueueError } from '../errors.ts'
import type { StoredRecurringTask } from '../recurring/recurring-task.ts'

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

import type { Task, TaskParts } from './contract.ts'
import { type CompleteDefaults, completed } from './task-defaults.ts'

/** A task of a queue, with the queue's defaults where it has no options of its own. */
export interface DefinedTask
  extends CompleteDefaults, Pick<TaskParts, 'onLost' | 'schema' | 'takesPayload' | 'run' | 'concurrency'> {
  readonly name: string
  readonly task: Task
}

/** Gives a task the defaults of its queue. */
export function withDefaults(task: Task, defaults: CompleteDefaults): DefinedTask {
  const { own, onLost, schema, takesPayload, run, concurrency } = task['~']
  return { name: task.name, task, ...completed(own, defaults), onLost, schema, takesPayload, run, concurrency }
}

import { fnv1a } from '../job/fnv1a.ts'
import type { NewRecurringTask } from './recurring-task.ts'

/** The part of a deployment of the code that concerns recurring tasks. */
export interface Deployment {
  /** Identifies its static recurring tasks: deployments that have the same ones are one. */
  readonly fingerprint: string
  /** Its static recurring tasks. */
  readonly tasks: readonly NewRecurringTask[]
  /** The keys of its static recurring tasks, as records. */
  readonly keys: readonly Named[]
  /** The names of all tasks it can enqueue, as records. */
  readonly taskNames: readonly Named[]
}

interface Named {
  readonly name: string
}

const namesOf = (names: readonly string[]): Named[] => names.map((name) => ({ name }))

export function deploymentOf(tasks: readonly NewRecurringTask[], taskNames: Iterable<string>): Deployment {
  return {
    fingerprint: fnv1a(JSON.stringify(tasks)),
    tasks,
    keys: namesOf(tasks.map(({ key }) => key)),
    taskNames: namesOf([...taskNames]),
  }
}

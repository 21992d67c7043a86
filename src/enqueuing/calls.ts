import { ConfigurationError } from '../errors.ts'
import type { Call, Task } from '../job/task.ts'

/**
 * What `enqueueAll` is given: a task and its payloads, or calls.
 *
 * @throws ConfigurationError when several jobs are to have one id
 */
export function callsOf(first: unknown, payloads: Iterable<unknown> | undefined): Call[] {
  if (!payloads) return [...(first as Iterable<Call>)]
  const task = first as Task
  if (task.set.id !== undefined)
    throw new ConfigurationError(`enqueueAll() of task "${task.name}"`, [
      'id: one id cannot be that of several jobs; give calls, each with its own: enqueueAll([task.using({ id }).call(payload)])',
    ])
  return Array.from(payloads, (payload) => ({ task, payload }))
}

import { ConfigurationError } from '../errors.ts'
import type { Call, Task } from '../job/contract.ts'

/**
 * Reads the arguments of `enqueueAll`: a task and its payloads, or calls.
 *
 * @throws ConfigurationError when the argument is no list, or several jobs are to have one id
 */
export function callsOf(first: unknown, payloads: unknown): Call[] {
  if (!isTask(first)) {
    if (payloads !== undefined)
      throw new ConfigurationError('enqueueAll()', [`task: ${kindOf(first)} is no task; use what task() gave`])
    return listOf(first, 'calls').map((call, index) => {
      if (isTask((call as Partial<Call> | null)?.task)) return call as Call
      throw new ConfigurationError('enqueueAll()', [`[${index}]: ${kindOf(call)} is no call; use task.call(payload)`])
    })
  }
  const task = first
  if (task.set.id !== undefined)
    throw new ConfigurationError(`enqueueAll() of task "${task.name}"`, [
      'id: one id cannot be that of several jobs; give calls, each with its own: enqueueAll([task.using({ id }).call(payload)])',
    ])
  return listOf(payloads, 'payloads').map((payload) => ({ task, payload }))
}

/** The ids that the application gave its jobs. */
export const idsGiven = (calls: readonly Call[]): Set<string> => new Set(calls.flatMap(({ task }) => task.set.id ?? []))

/** @throws ConfigurationError when the value is not a task of `task()` */
export function assertTask(value: unknown): asserts value is Task {
  if (!isTask(value))
    throw new ConfigurationError('enqueue()', [
      `task: ${kindOf(value)} is no task; use what task() gave, and enqueueAll() for calls`,
    ])
}

const isTask = (value: unknown): value is Task =>
  typeof value === 'object' && value !== null && 'call' in value && typeof value.call === 'function'

/** @throws ConfigurationError when the value cannot be iterated, or is a text, whose letters are not meant as items */
function listOf(given: unknown, name: string): unknown[] {
  if (typeof given === 'object' && given !== null && Symbol.iterator in given)
    return Array.from(given as Iterable<unknown>)
  const wayOut =
    typeof given === 'object' && given !== null && Symbol.asyncIterator in given
      ? 'an async iterable; collect it first, or enqueue it batch by batch in a `for await`'
      : `${kindOf(given)}; give an array, or another iterable`
  throw new ConfigurationError('enqueueAll()', [`${name}: ${wayOut}`])
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  return Array.isArray(value) ? 'an array' : 'an object'
}

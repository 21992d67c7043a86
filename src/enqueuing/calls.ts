import { ConfigurationError } from '../errors.ts'
import type { Call, EnqueueOptions } from '../job/contract.ts'
import { isTask } from '../job/is-task.ts'

/**
 * Reads the arguments of `enqueue`.
 *
 * @throws ConfigurationError when the value is not a task of `task()`, or an option is wrong
 */
export function callOf(
  task: unknown,
  [payload, options]: readonly [payload?: unknown, options?: EnqueueOptions | undefined],
): Call {
  if (isTask(task)) return { task: options === undefined ? task : task.using(options), payload }
  throw new ConfigurationError('enqueue()', [
    { path: 'task', message: `${kindOf(task)} is no task; use what task() gave, and enqueueAll() for calls` },
  ])
}

/**
 * Reads the arguments of `enqueueAll`: a task, its payloads and their options, or calls.
 *
 * @throws ConfigurationError when the argument is no list, an option is wrong, or several jobs are to have one id
 */
export function callsOf(first: unknown, payloads: unknown, options: EnqueueOptions | undefined): Call[] {
  if (!isTask(first)) {
    if (payloads !== undefined)
      throw new ConfigurationError('enqueueAll()', [
        { path: 'task', message: `${kindOf(first)} is no task; use what task() gave` },
      ])
    return listOf(first, 'calls').map((call, index) => {
      if (isTask((call as Partial<Call> | null)?.task)) return call as Call
      throw new ConfigurationError('enqueueAll()', [
        { path: `[${index}]`, message: `${kindOf(call)} is no call; use task.call(payload)` },
      ])
    })
  }
  const task = options === undefined ? first : first.using(options)
  if (task['~'].set.id !== undefined)
    throw new ConfigurationError(`enqueueAll() of task "${task.name}"`, [
      {
        path: 'id',
        message:
          'one id cannot be that of several jobs; give calls, each with its own: enqueueAll([task.using({ id }).call(payload)])',
      },
    ])
  return listOf(payloads, 'payloads').map((payload) => ({ task, payload }))
}

/** The ids that the application gave its jobs. */
export const idsGiven = (calls: readonly Call[]): Set<string> =>
  new Set(calls.flatMap(({ task }) => task['~'].set.id ?? []))

/** @throws ConfigurationError when the value cannot be iterated, or is a text, whose letters are not meant as items */
function listOf(given: unknown, name: string): unknown[] {
  if (typeof given === 'object' && given !== null && Symbol.iterator in given)
    return Array.from(given as Iterable<unknown>)
  const wayOut =
    typeof given === 'object' && given !== null && Symbol.asyncIterator in given
      ? 'an async iterable; collect it first, or enqueue it batch by batch in a `for await`'
      : `${kindOf(given)}; give an array, or another iterable`
  throw new ConfigurationError('enqueueAll()', [{ path: name, message: wayOut }])
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  return Array.isArray(value) ? 'an array' : 'an object'
}

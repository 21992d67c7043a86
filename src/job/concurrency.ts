import { type Duration, durationMs, durationIssue } from './duration.ts'
import { quote } from './quote.ts'
import { isStorable } from './storable.ts'
import { unknownNames } from './unknown-names.ts'
import type { Issue } from './issue.ts'

/**
 * Jobs with the same key share a limit. Undefined or null: the job is not limited. An empty text is a key like any
 * other.
 */
export type ConcurrencyKey = string | number | bigint | null | undefined

/** Whether a job whose key is full waits (`block`), or is not run (`skip`). */
export type OnConflict = 'block' | 'skip'

/** A limit of the jobs that are performed at once, for each key. */
export interface ConcurrencyOptions<Input = unknown, Conflict extends OnConflict = OnConflict> {
  /** The key whose jobs share the limit: a text, or a function of the payload as it was enqueued. */
  readonly key: ConcurrencyKey | ((payload: Input) => ConcurrencyKey)
  /** How many jobs of a key may be performed at once, from 1 to 10,000. Default 1. */
  readonly limit?: number | undefined
  /**
   * How long a job holds its place after its claim, at most: the failsafe for a handler that hangs. A job that runs
   * longer may be passed by others, so it is at least the task's `timeout` and the queue's `shutdownGrace` together.
   * Default: those together, and `defaultConcurrencyDuration` (3 min) at least.
   */
  readonly duration?: Duration | undefined
  /** Tasks of one group share their keys. Default: each task has keys of its own. */
  readonly group?: string | undefined
  /** Default `block`: a job whose key is full waits. `skip`: it is not run. */
  readonly onConflict?: Conflict | undefined
}

/** A task's limit, checked. */
export interface Concurrency {
  /**
   * Group or task, `/`, and the key; null: this job is not limited.
   *
   * @throws any error of the key's function; TypeError when its result is no key
   */
  readonly keyOf: (payload: unknown) => string | null
  readonly limit: number
  /** Null: by the task's timeout and the queue's settings. */
  readonly durationMs: number | null
  readonly onConflict: OnConflict
}

const maxLength = 255

/** Reads a task's limit, and adds what is wrong with it to `issues`. */
export function readConcurrency(
  taskName: string,
  { key, limit = 1, duration, group = taskName, onConflict = 'block', ...unknown }: ConcurrencyOptions<never>,
  issues: Issue[],
): Concurrency {
  issues.push(...unknownNames(unknown, ['key', 'limit', 'duration', 'group', 'onConflict'], 'concurrency.'))
  if (key === undefined)
    issues.push({ path: 'concurrency.key', message: 'missing; a text, or a function of the payload' })
  else if (typeof key !== 'function') {
    const problem = keyProblem(key)
    if (problem) issues.push({ path: 'concurrency.key', message: problem })
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    issues.push({ path: 'concurrency.limit', message: `${quote(limit)}; use a whole number from 1 to 10000` })
  if (duration !== undefined) {
    const issue = durationIssue(duration, 'concurrency.duration')
    if (issue) issues.push(issue)
    else if (durationMs(duration) === 0)
      issues.push({ path: 'concurrency.duration', message: '0; a place would be lost at once' })
  }
  if (typeof group !== 'string' || group === '' || group.length > maxLength || !isStorable(group))
    issues.push({
      path: 'concurrency.group',
      message: `${quote(group)}; use 1 to ${maxLength} characters, none of them NUL`,
    })
  if (onConflict !== 'block' && onConflict !== 'skip')
    issues.push({ path: 'concurrency.onConflict', message: `${quote(onConflict)}; use "block" or "skip"` })

  // `/` ends the namespace, so it is escaped: no two namespaces meet.
  const namespace = String(group).replaceAll('%', '%25').replaceAll('/', '%2F')
  return {
    keyOf(payload) {
      const made = typeof key === 'function' ? key(payload as never) : key
      if (made === null || made === undefined) return null
      const problem = keyProblem(made)
      if (problem) throw new TypeError(problem)
      return `${namespace}/${String(made)}`
    },
    limit,
    durationMs: duration === undefined ? null : durationMs(duration),
    onConflict,
  }
}

function keyProblem(key: unknown): string | null {
  if (key === null || key === undefined) return null
  if (typeof key === 'bigint') return null
  if (typeof key === 'number')
    return Number.isFinite(key) ? null : `${key} is no key: all jobs whose key cannot be computed would share it`
  if (typeof key !== 'string') return `${quote(key)} is no text or number`
  if (key.length > maxLength) return `${quote(key)} has ${key.length} characters; ${maxLength} at most (hash it)`
  return isStorable(key) ? null : `${quote(key)} has a NUL, or half a character`
}

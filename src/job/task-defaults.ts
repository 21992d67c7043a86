import { type Backoff, defaultBackoff } from './backoff.ts'
import { type Duration, durationMs, durationIssue } from './duration.ts'
import type { Issue } from './issue.ts'
import { queueNameIssue } from './queue-patterns.ts'
import { quote } from './quote.ts'

/** Options that a queue may set for all its tasks, by `defaults`. A task's own option comes first. */
export interface TaskDefaults {
  /** Default `default`. */
  readonly queue?: string | undefined
  /** A whole number from −100 to 100; larger runs first. Default 0. */
  readonly priority?: number | undefined
  /**
   * How often a job is tried, the first time included. Default 1: a failure is final. A job that its invocation gave
   * back is performed again all the same.
   */
  readonly maxAttempts?: number | undefined
  /** How long a failed job waits before its next attempt. Default `exponential('15s')`. */
  readonly backoff?: Backoff | undefined
  /** A performing that takes longer fails, and its signal is aborted. Default: none but the end of the invocation. */
  readonly timeout?: Duration | undefined
}

/** The same, checked; what is undefined was not given. */
export interface GivenDefaults extends Omit<TaskDefaults, 'timeout'> {
  readonly timeoutMs: number | undefined
}

/** The same, complete. */
export interface CompleteDefaults {
  readonly queue: string
  readonly priority: number
  readonly maxAttempts: number
  readonly backoff: Backoff
  /** Null: none. */
  readonly timeoutMs: number | null
}

export const defaultNames = [
  'queue',
  'priority',
  'maxAttempts',
  'backoff',
  'timeout',
] as const satisfies readonly (keyof TaskDefaults)[]

/** The options of a task where neither the task nor its queue gives any. */
export const standardDefaults: CompleteDefaults = {
  queue: 'default',
  priority: 0,
  maxAttempts: 1,
  backoff: defaultBackoff,
  timeoutMs: null,
}

/**
 * Reads the options, and adds what is wrong with them to `issues`.
 *
 * @param at what stands before each name in issues, such as `defaults.`; default: nothing
 */
export function readDefaults(
  { queue, priority, maxAttempts, backoff, timeout }: TaskDefaults,
  issues: Issue[],
  at = '',
): GivenDefaults {
  const found = [
    queue === undefined ? null : queueNameIssue(queue, 'queue'),
    priority === undefined ? null : priorityIssue(priority),
    maxAttempts === undefined ? null : attemptsIssue(maxAttempts),
    backoff === undefined ? null : backoffIssue(backoff),
    timeout === undefined ? null : timeoutIssue(timeout),
  ]
  issues.push(...found.flatMap((issue) => (issue === null ? [] : { ...issue, path: `${at}${issue.path}` })))
  const timeoutMs = timeout === undefined ? undefined : (durationMs(timeout) ?? undefined)
  return { queue, priority, maxAttempts, backoff, timeoutMs }
}

/** The options that are given, and the others from `rest`. */
export const completed = (given: GivenDefaults, rest: CompleteDefaults): CompleteDefaults => ({
  queue: given.queue ?? rest.queue,
  priority: given.priority ?? rest.priority,
  maxAttempts: given.maxAttempts ?? rest.maxAttempts,
  backoff: given.backoff ?? rest.backoff,
  timeoutMs: given.timeoutMs ?? rest.timeoutMs,
})

/** Says what is wrong with a priority; null when it is valid. */
export function priorityIssue(priority: unknown): Issue | null {
  const isPriority = Number.isInteger(priority) && (priority as number) >= -100 && (priority as number) <= 100
  return isPriority ? null : { path: 'priority', message: `${quote(priority)}; use a whole number from -100 to 100` }
}

function attemptsIssue(maxAttempts: unknown): Issue | null {
  const isCount = Number.isInteger(maxAttempts) && (maxAttempts as number) >= 1 && (maxAttempts as number) <= 1000
  return isCount ? null : { path: 'maxAttempts', message: `${quote(maxAttempts)}; use a whole number from 1 to 1000` }
}

function backoffIssue(backoff: unknown): Issue | null {
  if (typeof backoff !== 'function')
    return {
      path: 'backoff',
      message: `${quote(backoff)}; use exponential(), fixed() or a function of the failed attempt`,
    }
  const isAsync = backoff.constructor.name === 'AsyncFunction'
  return isAsync ? { path: 'backoff', message: 'an async function; give one that returns the duration itself' } : null
}

function timeoutIssue(timeout: unknown): Issue | null {
  return (
    durationIssue(timeout, 'timeout') ??
    (durationMs(timeout) === 0 ? { path: 'timeout', message: '0; leave it out for none' } : null)
  )
}

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigurationError } from '../errors.ts'
import { type Backoff, defaultBackoff } from './backoff.ts'
import { type ConcurrencyOptions, type OnConflict, readConcurrency } from './concurrency.ts'
import type { Elsewhere, EnqueueOptions, Handler, Task } from './contract.ts'
import { type Duration, durationMs, durationIssue } from './duration.ts'
import { queueNameIssue } from './queue-patterns.ts'
import { quote } from './quote.ts'
import { unknownNames } from './unknown-names.ts'
import type { Issue } from './issue.ts'

/** How the jobs of a task are stored and performed. */
export interface TaskOptions {
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
  /**
   * Whether a job whose invocation was lost runs again, or fails at once. With `retry`, the default, it fails when the
   * third invocation is lost. No loss uses up an attempt.
   */
  readonly onLost?: 'retry' | 'fail' | undefined
}

/**
 * Defines a task.
 *
 * Its payload is that of `input`: a Standard Schema (zod, valibot, arktype, …), or `typed<T>()` for a type alone.
 * Without `input` it is the parameter of `run`; without that, the task takes no payload. Leave out `run` where the
 * handler is not to be in each bundle that enqueues, and give it by `perform`.
 *
 * @example
 * export const greet = task('greet', { run: ({ name }: { name: string }) => console.log(`Hello, ${name}`) })
 *
 * @throws ConfigurationError listing everything that is wrong with the options
 */
export function task<
  const Name extends string,
  Payload = undefined,
  Result = Elsewhere,
  Input = Payload,
  Conflict extends OnConflict = 'block',
>(
  name: Name,
  options: TaskOptions & {
    /** What a payload must be: checked by `enqueue`, and parsed again before the handler gets it. */
    readonly input?: StandardSchemaV1<Input, Payload> | undefined
    /** The handler. It must show its parameter, so neither `...args` nor a default, or there must be an `input`. */
    readonly run?: Handler<Payload, Result> | undefined
    /** How many jobs of a key may be performed at once. Default: any number. */
    readonly concurrency?: ConcurrencyOptions<Input, Conflict> | undefined
  } = {},
): Task<Name, Input, Payload, Result, Conflict> {
  const issues: Issue[] = [
    ...(typeof name === 'string' && /^\S{1,255}$/.test(name)
      ? []
      : [{ path: 'name', message: `${quote(name)}; use 1 to 255 characters without white space` }]),
    ...unknownNames(options, optionNames),
    ...usingIssues(options),
  ]
  const { maxAttempts = 1, timeout, onLost = 'retry', backoff = defaultBackoff, input = null } = options
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > 1000)
    issues.push({ path: 'maxAttempts', message: `${quote(maxAttempts)}; use a whole number from 1 to 1000` })
  if (timeout !== undefined) {
    const issue = durationIssue(timeout, 'timeout')
    if (issue) issues.push(issue)
    else if (durationMs(timeout) === 0) issues.push({ path: 'timeout', message: '0; leave it out for none' })
  }
  if (onLost !== 'retry' && onLost !== 'fail')
    issues.push({ path: 'onLost', message: `${quote(onLost)}; use "retry" or "fail"` })
  if (typeof backoff !== 'function')
    issues.push({
      path: 'backoff',
      message: `${quote(backoff)}; use exponential(), fixed() or a function of the attempt`,
    })
  else if (backoff.constructor.name === 'AsyncFunction')
    issues.push({ path: 'backoff', message: 'an async function; give one that returns the duration itself' })
  if (input !== null && typeof input['~standard']?.validate !== 'function')
    issues.push({
      path: 'input',
      message: 'no Standard Schema; use one of zod, valibot, arktype, … (https://standardschema.dev)',
    })
  const concurrency = options.concurrency ? readConcurrency(name, options.concurrency, issues) : null
  if (issues.length > 0) throw new ConfigurationError(`Task ${quote(name)}`, issues)

  const run = options.run ?? null
  const make = (set: EnqueueOptions): Task<Name, Input, Payload, Result, Conflict> => ({
    name,
    '~': {
      queue: set.queue ?? options.queue ?? 'default',
      priority: set.priority ?? options.priority ?? 0,
      maxAttempts,
      backoff,
      timeoutMs: timeout === undefined ? null : durationMs(timeout),
      onLost,
      schema: input,
      takesPayload: input !== null || hasParameter(run) || hasParameter(options.concurrency?.key),
      run,
      concurrency,
      set,
    },
    perform: (handler) => ({ taskName: name, handler }),
    using(more) {
      const wrong =
        typeof more === 'object' && more !== null
          ? [...unknownNames(more, usingNames), ...usingIssues(more)]
          : [{ path: 'options', message: `${quote(more)}; use an object of ${usingNames.join(', ')}` }]
      if (wrong.length > 0) throw new ConfigurationError(`The options for task "${name}"`, wrong)
      return make({ ...set, ...given(more) })
    },
    call(...[payload]) {
      return { task: this, payload }
    },
  })
  return make({})
}

/** 9999-12-31T23:59:59.999Z: the last instant of ISO 8601 with four digits, and of MySQL. */
const lastInstantMs = 253_402_300_799_999

const hasParameter = (value: unknown) => typeof value === 'function' && value.length > 0

/** The options that are not undefined: that is as if they were left out. */
const given = (options: EnqueueOptions): EnqueueOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const usingNames = ['queue', 'priority', 'runAfter', 'id']
const optionNames = ['queue', 'priority', 'maxAttempts', 'backoff', 'timeout', 'onLost', 'concurrency', 'input', 'run']

function usingIssues({ queue, priority, runAfter, id }: EnqueueOptions): Issue[] {
  const issues: Issue[] = []
  const wrongQueue = queue === undefined ? null : queueNameIssue(queue, 'queue')
  if (wrongQueue) issues.push(wrongQueue)
  const wrongPriority = priority === undefined ? null : priorityIssue(priority)
  if (wrongPriority) issues.push(wrongPriority)
  if (runAfter instanceof Date) {
    if (Number.isNaN(runAfter.getTime())) issues.push({ path: 'runAfter', message: 'an invalid Date' })
    else if (runAfter.getTime() > lastInstantMs)
      issues.push({
        path: 'runAfter',
        message: `${runAfter.toISOString()} is beyond the year 9999; some databases could not give it back`,
      })
  } else if (runAfter !== undefined) {
    const issue = durationIssue(runAfter, 'runAfter')
    if (issue) issues.push({ ...issue, message: `${issue.message}; or an instant` })
  }
  if (id !== undefined && !(typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)))
    issues.push({ path: 'id', message: `${quote(id)}; use a UUID in lower case, or idOf() of a text` })
  return issues
}

/** Says what is wrong with a priority; null when it is valid. */
export function priorityIssue(priority: unknown): Issue | null {
  const isPriority = Number.isInteger(priority) && (priority as number) >= -100 && (priority as number) <= 100
  return isPriority ? null : { path: 'priority', message: `${quote(priority)}; use a whole number from -100 to 100` }
}

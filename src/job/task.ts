import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigurationError } from '../errors.ts'
import { type Backoff, defaultBackoff } from './backoff.ts'
import { type ConcurrencyOptions, type OnConflict, readConcurrency } from './concurrency.ts'
import type { Handler, Task, Using } from './contract.ts'
import { type Duration, durationMs, durationProblem } from './duration.ts'
import { queueNameProblem } from './queue-patterns.ts'
import { quote } from './quote.ts'
import { unknownNames } from './unknown-names.ts'

/** How the jobs of a task are stored and performed. */
export interface TaskOptions {
  /** Default `default`. */
  readonly queue?: string
  /** A whole number from −100 to 100; larger runs first. Default 0. */
  readonly priority?: number
  /**
   * How often a job is tried, the first time included. Default 1: a failure is final. A job that its invocation gave
   * back is performed again all the same.
   */
  readonly maxAttempts?: number
  /** How long a failed job waits before its next attempt. Default `exponential('15s')`. */
  readonly backoff?: Backoff
  /** A performing that takes longer fails, and its signal is aborted. Default: none but the end of the invocation. */
  readonly timeout?: Duration
  /** Whether a job whose invocation was lost runs again while attempts remain, or fails. Default `retry`. */
  readonly onLost?: 'retry' | 'fail'
}

/** Whether jobs with this `onConflict` may be skipped. */
type SkipsOf<Conflict extends OnConflict> = Conflict extends 'skip' ? true : false

/** A task with a schema: its handler comes with `perform`. */
export function task<const Name extends string, Schema extends StandardSchemaV1, Conflict extends OnConflict = 'block'>(
  name: Name,
  options: TaskOptions & {
    input: Schema
    run?: never
    concurrency?: ConcurrencyOptions<StandardSchemaV1.InferInput<Schema>, Conflict>
  },
): Task<
  Name,
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>,
  unknown,
  false,
  SkipsOf<Conflict>
>
/** A task with a schema and its handler. */
export function task<
  const Name extends string,
  Schema extends StandardSchemaV1,
  R,
  Conflict extends OnConflict = 'block',
>(
  name: Name,
  options: TaskOptions & {
    input: Schema
    run: Handler<StandardSchemaV1.InferOutput<Schema>, R>
    concurrency?: ConcurrencyOptions<StandardSchemaV1.InferInput<Schema>, Conflict>
  },
): Task<Name, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, R, true, SkipsOf<Conflict>>
/** A small task with its handler inline. */
export function task<const Name extends string, Payload, R, Conflict extends OnConflict = 'block'>(
  name: Name,
  options: TaskOptions & {
    input?: never
    run: Handler<Payload, R>
    concurrency?: ConcurrencyOptions<Payload, Conflict>
  },
): Task<Name, Payload, Payload, R, true, SkipsOf<Conflict>>
/** A task whose payload is anything that can be stored. */
export function task<const Name extends string, Payload = unknown, Conflict extends OnConflict = 'block'>(
  name: Name,
  options?: TaskOptions & { input?: never; run?: never; concurrency?: ConcurrencyOptions<Payload, Conflict> },
): Task<Name, Payload, Payload, unknown, false, SkipsOf<Conflict>>
/**
 * Defines a task.
 *
 * @example
 * export const greet = task('greet', { run: ({ name }: { name: string }) => console.log(`Hello, ${name}`) })
 *
 * @throws ConfigurationError listing everything that is wrong with the options
 */
export function task(
  name: string,
  options: TaskOptions & {
    input?: StandardSchemaV1
    run?: Handler<never, unknown>
    concurrency?: ConcurrencyOptions<never>
  } = {},
): Task {
  const problems = [
    ...(typeof name === 'string' && /^\S{1,255}$/.test(name)
      ? []
      : [`name: ${quote(name)}; use 1 to 255 characters without white space`]),
    ...unknownNames(options, optionNames),
    ...usingProblems(options),
  ]
  const { maxAttempts = 1, timeout, onLost = 'retry', backoff = defaultBackoff, input = null } = options
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > 1000)
    problems.push(`maxAttempts: ${quote(maxAttempts)}; use a whole number from 1 to 1000`)
  if (timeout !== undefined) {
    const problem = durationProblem(timeout, 'timeout')
    if (problem) problems.push(problem)
    else if (durationMs(timeout) === 0) problems.push('timeout: 0; leave it out for none')
  }
  if (onLost !== 'retry' && onLost !== 'fail') problems.push(`onLost: ${quote(onLost)}; use "retry" or "fail"`)
  if (typeof backoff !== 'function')
    problems.push(`backoff: ${quote(backoff)}; use exponential(), fixed() or a function of the attempt`)
  else if (backoff.constructor.name === 'AsyncFunction')
    problems.push('backoff: an async function; give one that returns the duration itself')
  if (input !== null && typeof input['~standard']?.validate !== 'function')
    problems.push('input: no Standard Schema; use one of zod, valibot, arktype, … (https://standardschema.dev)')
  const concurrency = options.concurrency ? readConcurrency(name, options.concurrency, problems) : null
  if (problems.length > 0) throw new ConfigurationError(`Task ${quote(name)}`, problems)

  const make = (set: Using): Task => ({
    name,
    queue: set.queue ?? options.queue ?? 'default',
    priority: set.priority ?? options.priority ?? 0,
    maxAttempts,
    backoff,
    timeoutMs: timeout === undefined ? null : durationMs(timeout),
    onLost,
    schema: input,
    run: options.run ?? null,
    inline: options.run !== undefined,
    concurrency,
    skips: concurrency?.onConflict === 'skip',
    set,
    perform: <R>(handler: Handler<unknown, R>) => ({ taskName: name, handler: handler as Handler<never, R> }),
    using(more) {
      const wrong = [...unknownNames(more, usingNames), ...usingProblems(more)]
      if (wrong.length > 0) throw new ConfigurationError(`using() of task "${name}"`, wrong)
      return make({ ...set, ...more })
    },
    call(...[payload]) {
      return { task: this, payload }
    },
  })
  return make({})
}

/** 9999-12-31T23:59:59.999Z: the last instant of ISO 8601 with four digits, and of MySQL. */
const lastInstantMs = 253_402_300_799_999

const usingNames = ['queue', 'priority', 'runAfter', 'id']
const optionNames = ['queue', 'priority', 'maxAttempts', 'backoff', 'timeout', 'onLost', 'concurrency', 'input', 'run']

function usingProblems({ queue, priority, runAfter, id }: Using): string[] {
  const problems: string[] = []
  const queueProblem = queue === undefined ? null : queueNameProblem(queue, 'queue')
  if (queueProblem) problems.push(queueProblem)
  const wrongPriority = priority === undefined ? null : priorityProblem(priority)
  if (wrongPriority) problems.push(wrongPriority)
  if (runAfter instanceof Date) {
    if (Number.isNaN(runAfter.getTime())) problems.push('runAfter: an invalid Date')
    else if (runAfter.getTime() > lastInstantMs)
      problems.push(
        `runAfter: ${runAfter.toISOString()} is beyond the year 9999; some databases could not give it back`,
      )
  } else if (runAfter !== undefined) {
    const problem = durationProblem(runAfter, 'runAfter')
    if (problem) problems.push(`${problem}; or an instant`)
  }
  if (id !== undefined && !(typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)))
    problems.push(`id: ${quote(id)}; use a UUID in lower case, or idOf() of a text`)
  return problems
}

/** Says what is wrong with a priority; null when it is valid. */
export function priorityProblem(priority: unknown): string | null {
  const isPriority = Number.isInteger(priority) && (priority as number) >= -100 && (priority as number) <= 100
  return isPriority ? null : `priority: ${quote(priority)}; use a whole number from -100 to 100`
}

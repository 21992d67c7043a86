import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigurationError } from '../errors.ts'
import { type ConcurrencyOptions, type OnConflict, readConcurrency } from './concurrency.ts'
import type { Elsewhere, EnqueueOptions, Handler, Task } from './contract.ts'
import { enqueueIssues, given } from './enqueue-options.ts'
import { quote } from './quote.ts'
import { defaultNames, readDefaults, type TaskDefaults } from './task-defaults.ts'
import { unknownNames } from './unknown-names.ts'
import type { Issue } from './issue.ts'

/** How the jobs of a task are stored and performed. What is left out is that of the queue's `defaults`. */
export interface TaskOptions extends TaskDefaults {
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
    /** The schema of the payload: checked by `enqueue`, and parsed again before the handler gets it. */
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
  ]
  const own = readDefaults(options, issues)
  const { onLost = 'retry', input = null } = options
  if (onLost !== 'retry' && onLost !== 'fail')
    issues.push({ path: 'onLost', message: `${quote(onLost)}; use "retry" or "fail"` })
  if (input !== null && typeof input['~standard']?.validate !== 'function')
    issues.push({
      path: 'input',
      message: 'no Standard Schema; use one of zod, valibot, arktype, … (https://standardschema.dev)',
    })
  if (options.run !== undefined && typeof options.run !== 'function')
    issues.push({ path: 'run', message: `${quote(options.run)}; use a function` })
  const concurrency = options.concurrency ? readConcurrency(name, options.concurrency, issues) : null
  if (issues.length > 0) throw new ConfigurationError(`Task ${quote(name)}`, issues)

  const run = options.run ?? null
  const takesPayload = input !== null || hasParameter(run) || hasParameter(options.concurrency?.key)
  const make = (set: EnqueueOptions): Task<Name, Input, Payload, Result, Conflict> => ({
    name,
    '~': { own, onLost, schema: input, takesPayload, run, concurrency, set },
    perform(handler) {
      if (typeof handler !== 'function')
        throw new ConfigurationError(`The performer of task "${name}"`, [
          { path: 'handler', message: `${quote(handler)}; use a function` },
        ])
      return { task: name, handler }
    },
    using(more) {
      const wrong = enqueueIssues(more)
      if (wrong.length > 0) throw new ConfigurationError(`The options for task "${name}"`, wrong)
      return make({ ...set, ...given(more) })
    },
    call(...[payload]) {
      return { task: this, payload }
    },
  })
  return make({})
}

const optionNames = [...defaultNames, 'onLost', 'concurrency', 'input', 'run']

const hasParameter = (value: unknown) => typeof value === 'function' && value.length > 0

import { permitIssue } from './enqueuing/permit-duration.ts'
import { ConfigurationError } from './errors.ts'
import { consoleLogger, Emitter, hookIssues, type Hooks, type Logger } from './events.ts'
import type { Model } from './job/models.ts'
import { PayloadCodec } from './job/payload.ts'
import type { Handler, Performer, Task } from './job/contract.ts'
import { type DefinedTask, withDefaults } from './job/defined-task.ts'
import { isTask } from './job/is-task.ts'
import { quote } from './job/quote.ts'
import { queueNameIssue } from './job/queue-patterns.ts'
import { completed, defaultNames, readDefaults, standardDefaults, type TaskDefaults } from './job/task-defaults.ts'
import { Nudges } from './nudges.ts'
import { deploymentOf } from './recurring/deployment.ts'
import {
  type Accepted,
  checkFields,
  readRecurring,
  type RecurringChanges,
  type RecurringOptions,
} from './recurring/read-recurring.ts'
import { definedMax, type NewRecurringTask } from './recurring/recurring-task.ts'
import type { Connection, ExecutionContext } from './connection.ts'
import type { OpenArguments, OpenQueue } from './performers.ts'
import { Queue, type QueueParts } from './queue.ts'
import { readSettings, settingNames, type Settings, type SettingsOptions } from './settings.ts'
import { unknownNames } from './job/unknown-names.ts'
import { type Issue, issueWithin } from './job/issue.ts'

export interface QueueOptions<
  Tasks extends readonly Task[],
  Env,
  Inputs extends Readonly<Record<string, unknown>> = Readonly<Record<string, unknown>>,
> extends SettingsOptions {
  /** The tasks that may be enqueued. Explicit: nothing hangs on an import's side effect. */
  readonly tasks: Tasks
  /**
   * Options of all tasks that have none of their own: `maxAttempts`, `backoff`, `timeout`, `queue`, `priority`. Default:
   * those that `TaskDefaults` says.
   */
  readonly defaults?: TaskDefaults | undefined
  /** The names of queues. Default: any; with a list, any other name is an error. */
  readonly queues?: readonly string[] | undefined
  /** Models that payloads refer to instead of holding them: stored as name and id, loaded when the job runs. */
  readonly models?: readonly Model[] | undefined
  /**
   * Tasks that are enqueued by a schedule, by their keys. The ticks of a deployment write them to the database; a task
   * that no deployment has had for an hour is removed. Other recurring tasks can be created at run time.
   */
  readonly recurring?: { readonly [Key in keyof Inputs]: RecurringOptions<Inputs[Key]> } | undefined
  /** Makes the connection from the platform's bindings or environment variables. Does no I/O. */
  readonly connect: (env: Env) => Connection
  /** Default: JSON lines on the console. */
  readonly logger?: Logger | undefined
  /** Hooks, told by every queue that is opened from this definition. */
  readonly on?: Hooks | undefined
}

/** The parts that `open` gives a queue beside its definition. */
interface Opening {
  readonly perform?: readonly Performer[] | undefined
  readonly ctx?: ExecutionContext | undefined
  /** Used where the definition has none. */
  readonly logger?: Logger | undefined
}

/** A definition: pure, and safe in any bundle. */
export interface QueueDefinition<Tasks extends readonly Task[] = readonly Task[], Env = never> {
  readonly tasks: ReadonlyMap<string, DefinedTask>
  /** The names of queues that are allowed; null: any. */
  readonly queues: ReadonlySet<string> | null
  readonly settings: Settings
  /** The logger of everything that serves or performs the queue's jobs. */
  readonly logger: Logger
  /** For types only. */
  readonly '~tasks'?: Tasks
  /**
   * Opens the queue: per invocation on Workers, once per process elsewhere. No I/O. Close it, or declare it with
   * `await using`.
   *
   * @example
   * await using queue = jobs.open(env, ctx, { perform: [performDeliver] })
   *
   * @param env what `connect` takes
   * @param ctx lets the nudge outlive the answer
   * @throws ConfigurationError when a performer is of no task of the definition
   */
  open<const Given extends readonly Performer[] = readonly []>(
    ...args: OpenArguments<Tasks, Env, Given>
  ): OpenQueue<Tasks, Given>
  /** The parts of which `open` makes the queue, for classes that extend `Queue`. */
  '~parts'(connection: Connection, opening?: Opening): QueueParts
  /** The connection that `open` would use. */
  connect(env: Env): Connection
}

const known = new Set<string>([
  'tasks',
  'defaults',
  'queues',
  'models',
  'recurring',
  'connect',
  'logger',
  'on',
  ...settingNames,
])

/**
 * Defines a queue.
 *
 * @example
 * export const jobs = defineQueue({
 *   tasks: [greet],
 *   connect: (env: Env) => ({ driver: d1(env.DB) }),
 * })
 *
 * @throws ConfigurationError listing everything that is wrong; a schedule whose fields are right, but never come
 *   together, is refused by the first tick of the deployment
 */
export function defineQueue<
  const Tasks extends readonly Task[],
  Env,
  Inputs extends Readonly<Record<string, unknown>> = Readonly<Record<string, never>>,
>(options: QueueOptions<Tasks, Env, Inputs>): QueueDefinition<Tasks, Env> {
  const issues = unknownNames(options, known)
  const settings = readSettings(options, issues)
  issues.push(...hookIssues(options.on ?? {}))
  issues.push(...unknownNames(options.defaults ?? {}, defaultNames, 'defaults.'))
  const defaults = completed(readDefaults(options.defaults ?? {}, issues, 'defaults.'), standardDefaults)
  const names: readonly string[] | null = Array.isArray(options.queues) ? options.queues : null
  if (options.queues !== undefined && names === null)
    issues.push({ path: 'queues', message: `${quote(options.queues)}; use a list of names` })
  const tasks = new Map<string, DefinedTask>()
  for (const [index, given] of options.tasks.entries()) {
    if (!isTask(given)) {
      issues.push({ path: 'tasks', message: `[${index}] is no task; use what task() gave` })
      continue
    }
    const task = withDefaults(given, defaults)
    if (tasks.has(task.name)) issues.push({ path: 'tasks', message: `"${task.name}" is listed twice` })
    tasks.set(task.name, task)
    if (names && !names.includes(task.queue))
      issues.push({
        path: 'tasks',
        message: `"${task.name}" has the queue "${task.queue}", which \`queues\` does not list`,
      })
    const permits = permitIssue(task, settings)
    if (permits) issues.push(permits)
  }
  for (const name of names ?? []) {
    const issue = queueNameIssue(name, 'queues')
    if (issue) issues.push(issue)
  }
  const models = options.models ?? []
  for (const { name } of models)
    if (models.filter((each) => each.name === name).length > 1)
      issues.push({ path: 'models', message: `"${name}" is listed twice` })
  const queues = names && new Set(names)
  const codec = new PayloadCodec({ maxBytes: settings.maxPayloadBytes, models })
  const deployment = deploymentOf(
    readStatic(options.recurring === undefined ? {} : options.recurring, { tasks, queues, codec }, issues),
    tasks.keys(),
  )
  if (typeof options.connect !== 'function')
    issues.push({ path: 'connect', message: 'give a function that returns { driver }' })
  if (issues.length > 0) throw new ConfigurationError('The queue', issues)

  const logger = options.logger ?? consoleLogger
  for (const worker of settings.workers.values())
    for (const warning of worker.patterns.warnings) logger.warn({ worker: worker.name }, warning)

  const parts: QueueDefinition['~parts'] = (connection, { perform = [], ctx, logger: instead = logger } = {}) => {
    const handlers = new Map<string, Handler<never, unknown>>()
    for (const { name, run } of tasks.values()) if (run) handlers.set(name, run)
    for (const { task: taskName, handler } of perform) {
      if (!tasks.has(taskName))
        throw new ConfigurationError('perform', [
          { path: '', message: `there is no task "${taskName}" in this queue's \`tasks\`` },
        ])
      handlers.set(taskName, handler)
    }
    const emitter = new Emitter(options.logger ?? instead, options.on ?? {}, ctx)
    return {
      driver: connection.driver,
      nudges: new Nudges(connection.nudge ?? null, ctx ?? null, emitter),
      settings,
      tasks,
      queues,
      handlers,
      codec,
      deployment,
      emitter,
      now: Date.now,
      random: Math.random,
    }
  }
  return {
    tasks,
    queues,
    settings,
    logger,
    connect: options.connect,
    open: (...[env, ctx, { perform, connection } = {}]) =>
      new Queue(parts(connection ?? options.connect(env as Env), { perform, ctx })),
    '~parts': parts,
  }
}

/** Reads the recurring tasks of a definition. An asynchronous schema is not waited for: its jobs report its issues. */
function readStatic(
  recurring: Readonly<Record<string, RecurringChanges>>,
  accepted: Accepted,
  issues: Issue[],
): NewRecurringTask[] {
  if (Object.prototype.toString.call(recurring) !== '[object Object]') {
    issues.push({ path: 'recurring', message: 'use an object that has each recurring task under its key' })
    return []
  }
  const entries = Object.entries(recurring)
  if (entries.length > definedMax) {
    issues.push({
      path: 'recurring',
      message: `${entries.length} recurring tasks; use ${definedMax} at most, or create them at run time`,
    })
    return []
  }
  return entries.flatMap(([key, given]) => {
    const found: Issue[] = []
    const { task, later } = readRecurring(key, given, accepted, {
      before: null,
      issues: found,
      checkTiming: checkFields,
    })
    later?.catch(() => {})
    issues.push(...found.map((issue) => issueWithin(`recurring[${quote(key)}]`, issue)))
    return task ?? []
  })
}

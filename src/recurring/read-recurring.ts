import { PayloadError } from '../errors.ts'
import type { PayloadCodec } from '../job/payload.ts'
import { queueNameIssue } from '../job/queue-patterns.ts'
import { quote } from '../job/quote.ts'
import { checkPayload } from '../job/check-payload.ts'
import { isTask } from '../job/is-task.ts'
import { isStorable } from '../job/storable.ts'
import type { Task } from '../job/contract.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import { priorityIssue } from '../job/task-defaults.ts'
import { type CatchUp, catchUps, type NewRecurringTask } from './recurring-task.ts'
import { cronIssue, readCronFields } from './cron-fields.ts'
import { timeZoneIssue } from './time-zone.ts'
import { unknownNames } from '../job/unknown-names.ts'
import type { Issue } from '../job/issue.ts'

interface Options<Input> {
  /** The jobs have its queue and priority, unless `using` has set others, or others are given here. */
  readonly task: Task<string, Input>
  /**
   * A cron expression of five fields (minute, hour, day of month, month, day of week), or `@yearly`, `@monthly`, `@weekly`,
   * `@daily`, `@hourly`, …
   */
  readonly schedule: string
  /** The time zone of the schedule: a name of the IANA database, such as `Europe/Madrid`. Default `UTC`. */
  readonly timeZone?: string | undefined
  /** Default, and null: the task's. */
  readonly queue?: string | null | undefined
  /** Default, and null: the task's. 0 is a priority like any other. */
  readonly priority?: number | null | undefined
  /**
   * The occurrences to enqueue of a time in which no tick ran: the last one (`latest`, the default), each of the last
   * 1,000 (`all`), or the last one, unless it is more than 20 minutes late (`none`).
   */
  readonly catchUp?: CatchUp | undefined
  /** For people. Default, and null: none. */
  readonly description?: string | null | undefined
}

/** A task that is enqueued by a schedule. The payload may be left out where the task takes none. */
export type RecurringOptions<Input = unknown> = Options<Input> &
  (undefined extends Input ? { readonly payload?: NoInfer<Input> } : { readonly payload: NoInfer<Input> })

/** Changes of a recurring task. */
export type RecurringChanges<Input = unknown> = Partial<Options<Input> & { readonly payload: NoInfer<Input> }>

/** The tasks, queue names and payloads that a queue accepts. */
export interface Accepted {
  readonly tasks: ReadonlyMap<string, DefinedTask>
  /** The names of queues; null: any. */
  readonly queues: ReadonlySet<string> | null
  readonly codec: PayloadCodec
}

/** The result of reading a recurring task. */
export interface Read {
  /** Null: something is wrong with it. */
  readonly task: NewRecurringTask | null
  /** The issues that an asynchronous schema finds; null: the schema is not asynchronous. */
  readonly later: Promise<readonly Issue[]> | null
}

const names = new Set(['task', 'payload', 'schedule', 'timeZone', 'queue', 'priority', 'catchUp', 'description'])

/**
 * Reads a recurring task, or changes of one.
 *
 * @param before the task that is changed; null: the task is new
 * @param issues gets the issues that are found
 * @param checkTiming finds those of the schedule and the time zone: `checkFields`, or, whole, `readSchedule`
 */
export function readRecurring(
  key: unknown,
  given: RecurringChanges,
  accepted: Accepted,
  { before, issues, checkTiming }: { before: NewRecurringTask | null; issues: Issue[]; checkTiming: TimingCheck },
): Read {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    issues.push({
      path: '',
      message: `${given === undefined ? 'missing' : quote(given)}; use an object of ${[...names].join(', ')}`,
    })
    return { task: null, later: null }
  }
  const found: Issue[] = []
  const wrongKey = keyIssue(key)
  if (wrongKey) found.push(wrongKey)
  found.push(...unknownNames(given, names))
  const timing = readTiming(given, before, checkTiming, found)
  const description = given.description === undefined ? (before?.description ?? null) : given.description
  if (
    description !== null &&
    !(typeof description === 'string' && description.length <= 1000 && isStorable(description))
  )
    found.push({ path: 'description', message: 'use a text of 1,000 characters at most' })
  const { later, ...jobs } = readJobs(given, accepted, before, found)
  issues.push(...found)
  return { task: found.length > 0 ? null : { key: key as string, ...timing, ...jobs, description }, later }
}

/** Says what is wrong with a key; null when nothing is. */
export function keyIssue(key: unknown): Issue | null {
  // Control characters, and characters that turn the direction of a text, are not fit to be shown.
  const isKey = typeof key === 'string' && /^[^\s\p{C}]{1,255}$/u.test(key)
  return isKey
    ? null
    : {
        path: 'key',
        message: `${key === undefined ? 'missing' : quote(key)}; use 1 to 255 characters without white space`,
      }
}

/** Finds the issues of a schedule and a time zone. */
type TimingCheck = (schedule: unknown, timeZone: unknown, issues: Issue[]) => unknown

/** Checks each field of a schedule alone, and the time zone. */
export function checkFields(schedule: unknown, timeZone: unknown, issues: Issue[]): void {
  const fields = readCronFields(schedule)
  if (typeof fields === 'string') issues.push(cronIssue(schedule, fields))
  const issue = timeZoneIssue(timeZone)
  if (issue) issues.push(issue)
}

type Timing = Pick<NewRecurringTask, 'schedule' | 'timeZone' | 'catchUp'>

/** Reads when the task occurs. */
function readTiming(given: RecurringChanges, before: Timing | null, checkTiming: TimingCheck, issues: Issue[]): Timing {
  const schedule = given.schedule ?? before?.schedule
  const timeZone = given.timeZone ?? before?.timeZone ?? 'UTC'
  checkTiming(schedule, timeZone, issues)
  const catchUp = given.catchUp ?? before?.catchUp ?? 'latest'
  if (!isCatchUp(catchUp)) issues.push({ path: 'catchUp', message: `${quote(catchUp)}; use "latest", "all" or "none"` })
  return { schedule: schedule as string, timeZone, catchUp }
}

/** Whether a value, perhaps a stored text, is a catch-up policy. */
export const isCatchUp = (value: unknown): value is CatchUp => (catchUps as readonly unknown[]).includes(value)

type Jobs = Pick<NewRecurringTask, 'task' | 'queue' | 'priority' | 'payload' | 'payloadMeta'>

/** Reads what the task's jobs are. */
function readJobs(
  given: RecurringChanges,
  { tasks, queues, codec }: Accepted,
  before: NewRecurringTask | null,
  issues: Issue[],
): Jobs & Pick<Read, 'later'> {
  const task = isTask(given.task) ? given.task : null
  const name = given.task === undefined ? before?.task : task?.name
  const known = tasks.get(name as string)
  if (given.task === undefined && name === undefined)
    issues.push({ path: 'task', message: `missing; there are ${[...tasks.keys()].join(', ')}` })
  else if (name === undefined)
    issues.push({ path: 'task', message: `${quote(given.task)} is no task; use what task() gave` })
  else if (!known || (task && task['~'].schema !== known.schema))
    issues.push({ path: 'task', message: `${quote(name)} is not in the \`tasks\` of this queue; add it there` })
  const set = task?.['~'].set ?? {}
  for (const option of ['runAfter', 'id'] as const)
    if (set[option] !== undefined)
      issues.push({ path: 'task', message: `it has \`${option}\`, which an occurrence cannot have` })

  const queueName = given.queue === undefined ? (set.queue ?? before?.queue ?? null) : given.queue
  const wrongQueue = queueName === null ? null : queueNameIssue(queueName, 'queue')
  if (wrongQueue) issues.push(wrongQueue)
  else if (queueName !== null && queues && !queues.has(queueName))
    issues.push({ path: 'queue', message: `"${queueName}" is not declared; there are ${[...queues].join(', ')}` })
  const priority = given.priority === undefined ? (set.priority ?? before?.priority ?? null) : given.priority
  const wrongPriority = priority === null ? null : priorityIssue(priority)
  if (wrongPriority) issues.push(wrongPriority)

  const { json, meta, later } =
    'payload' in given || !before
      ? readPayload(given.payload, known, codec, issues)
      : { json: before.payload, meta: before.payloadMeta, later: null }
  return { task: name as string, queue: queueName, priority, payload: json, payloadMeta: meta, later }
}

function readPayload(
  payload: unknown,
  task: DefinedTask | undefined,
  codec: PayloadCodec,
  issues: Issue[],
): { json: string; meta: string | null } & Pick<Read, 'later'> {
  const issuesOf = (error: PayloadError | null) => error?.issues ?? []
  try {
    const encoded = codec.encode(payload)
    const checked = task ? checkPayload(task, payload, 'payload') : null
    if (checked instanceof Promise) return { ...encoded, later: checked.then(issuesOf) }
    issues.push(...issuesOf(checked))
    return { ...encoded, later: null }
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    issues.push(...issuesOf(error))
    return { json: '', meta: null, later: null }
  }
}

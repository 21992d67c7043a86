import type { NewJob } from '../dialects/moves.ts'
import { concurrencyOf } from '../enqueuing/concurrency-of.ts'
import { unitsOf } from '../enqueuing/units.ts'
import { ConfigurationError } from '../errors.ts'
import { newId } from '../job/job-id.ts'
import { quote } from '../job/quote.ts'
import { type DueOccurrences, dueOccurrences } from '../recurring/catch-up.ts'
import { isCatchUp } from '../recurring/read-recurring.ts'
import type { StoredRecurringTask } from '../recurring/recurring-task.ts'
import { readSchedule } from '../recurring/schedule.ts'
import type { Core } from '../core.ts'
import type { Issue } from '../job/issue.ts'

/** The jobs to enqueue of a recurring task that is due. */
export interface Plan extends DueOccurrences {
  readonly key: string
  /** When the task was due, in milliseconds since 1970. */
  readonly from: number
  /** The share of a batch's `maxUnits` that each of its jobs takes. */
  readonly units: number
  /**
   * Makes the job of an occurrence, due at the time of the occurrence, so that its handler can tell which one it is.
   */
  jobOf(occurrence: number): NewJob
}

/** How long the models of a payload may take to load: a tick has other things to do, too. */
const loadingMs = 5000

/**
 * Plans the jobs to enqueue of a recurring task now.
 *
 * @throws ConfigurationError when the stored task cannot be used here: it was written by hand, or by other code
 * @throws PayloadError, DeserializationError, or the error of a model's `load`, when the concurrency key cannot be made
 */
export async function planOf(
  { tasks, queues, codec, settings }: Core,
  { key, nextRunAt, schedule: expression, timeZone, catchUp, ...stored }: StoredRecurringTask & { nextRunAt: Date },
  now: Date,
): Promise<Plan> {
  const issues: Issue[] = []
  const schedule = readSchedule(expression, timeZone, issues)
  if (!isCatchUp(catchUp)) issues.push({ path: 'catchUp', message: `${quote(catchUp)} is not known` })
  const task = tasks.get(stored.task)
  if (!task) issues.push({ path: 'task', message: `${quote(stored.task)} is not in the \`tasks\` of this queue` })
  const queueName = stored.queue ?? task?.queue ?? ''
  if (task && queues && !queues.has(queueName))
    issues.push({ path: 'queue', message: `${quote(queueName)} is not declared` })
  if (!schedule || !task || issues.length > 0) throw new ConfigurationError(`Recurring task ${quote(key)}`, issues)

  const { payload, payloadMeta } = stored
  const concurrency = task.concurrency
    ? concurrencyOf(task, await within(loadingMs, codec.decode(payload, payloadMeta)), { prefix: '', settings })
    : null
  const from = nextRunAt.getTime()
  return {
    key,
    from,
    units: unitsOf(stored),
    ...dueOccurrences(schedule, { from, now: now.getTime(), catchUp }),
    jobOf: (occurrence) => ({
      id: newId(),
      queue: queueName,
      task: task.name,
      payload,
      payloadMeta,
      priority: stored.priority ?? task.priority,
      maxAttempts: task.maxAttempts,
      onLost: task.onLost,
      concurrency,
      runAtMs: occurrence,
      delayMs: 0,
      recurring: { key, atMs: occurrence },
    }),
  }
}

/** @throws Error when the promise takes longer */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Its models were not loaded within ${ms} ms.`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

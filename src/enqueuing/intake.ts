import type { NewJob } from '../dialects/moves.ts'
import { ConfigurationError, PayloadError } from '../errors.ts'
import { durationMs } from '../job/duration.ts'
import { Findings } from '../job/findings.ts'
import { newId } from '../job/job-id.ts'
import type { PayloadCodec } from '../job/payload.ts'
import { checkPayload } from '../job/check-payload.ts'
import type { Call } from '../job/contract.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import { concurrencyOf } from './concurrency-of.ts'
import type { PermitSettings } from './permit-duration.ts'
import type { Issue } from '../job/issue.ts'

/** A job whose schema is asynchronous, and the issues that the schema is still looking for. */
interface Later {
  readonly task: string
  readonly found: Promise<PayloadError | null>
  /** Makes the job. Its key is made of the payload, so the schema must have accepted the payload before. */
  readonly finish: () => void
}

/** The name of a call in errors: its index in a list, or no name. */
export type IssuePrefix = (index: number) => string
export const single: IssuePrefix = () => ''
export const listed: IssuePrefix = (index) => `[${index}].`

/** Makes the jobs of calls, all or none, by the tasks and queues of a definition. */
export class Intake {
  readonly #tasks: ReadonlyMap<string, DefinedTask>
  readonly #queues: ReadonlySet<string> | null
  readonly #codec: PayloadCodec
  readonly #settings: PermitSettings

  /**
   * @param queues the names allowed; null: any
   * @param settings say how long a limited job holds its permit, where its task does not
   */
  constructor(
    tasks: ReadonlyMap<string, DefinedTask>,
    { queues, codec, settings }: { queues: ReadonlySet<string> | null; codec: PayloadCodec; settings: PermitSettings },
  ) {
    this.#tasks = tasks
    this.#queues = queues
    this.#codec = codec
    this.#settings = settings
  }

  /**
   * @throws PayloadError naming all issues of the payloads
   * @throws ConfigurationError when a task or its queue is not of this definition
   */
  async jobsOf(calls: readonly Call[], prefix: IssuePrefix): Promise<NewJob[]> {
    const { jobs, issues, later } = this.#read(calls, prefix)
    for (const { found, finish } of later) {
      const error = await found
      collect(issues, () => {
        if (error) throw error
        finish()
      })
    }
    return withoutIssues(jobs, issues)
  }

  /**
   * Makes the jobs without waiting.
   *
   * @throws ConfigurationError also when a schema is asynchronous
   */
  jobsOfNow(calls: readonly Call[], prefix: IssuePrefix): NewJob[] {
    const { jobs, issues, later } = this.#read(calls, prefix)
    const [asynchronous] = later
    if (asynchronous)
      throw new ConfigurationError(`prepare() of task "${asynchronous.task}"`, [
        {
          path: '',
          message:
            'its schema is asynchronous, and prepare() does not wait; enqueue it, or enqueue it in a transaction',
        },
      ])
    return withoutIssues(jobs, issues)
  }

  /** The jobs that can be stored, the issues of the others, and the schemas that find issues later. */
  #read(calls: readonly Call[], prefix: IssuePrefix): { jobs: NewJob[]; issues: Findings<Issue>; later: Later[] } {
    const jobs: NewJob[] = []
    const issues = new Findings<Issue>()
    const later: Later[] = []
    for (const [index, call] of calls.entries())
      collect(issues, () => {
        const task = this.#definedOf(call)
        const job = this.#jobOf(task, call, prefix(index))
        const finish = () => {
          const limit = { prefix: prefix(index), settings: this.#settings }
          jobs[index] = { ...job, concurrency: concurrencyOf(task, call.payload, limit) }
        }
        // The input is stored, and parsed again before the run: the schema may have changed by then.
        const found = checkPayload(task, call.payload, `${prefix(index)}payload`)
        if (found instanceof Promise) {
          later.push({ task: task.name, found, finish })
          // `jobsOf` awaits the same promise, and throws its error.
          found.catch(() => {})
        } else if (found) throw found
        else finish()
      })
    return { jobs, issues, later }
  }

  #definedOf({ task }: Call): DefinedTask {
    const defined = this.#tasks.get(task.name)
    if (defined?.schema === task['~'].schema) return defined
    throw new ConfigurationError(`Task "${task.name}"`, [
      { path: '', message: 'it is not in the `tasks` of this queue; add it there' },
    ])
  }

  #jobOf(defined: DefinedTask, { task, payload }: Call, prefix: string): Omit<NewJob, 'concurrency'> {
    const { runAfter, id, queue = defined.queue, priority = defined.priority } = task['~'].set
    if (this.#queues && !this.#queues.has(queue))
      throw new ConfigurationError(`Task "${task.name}"`, [
        { path: `${prefix}queue`, message: `"${queue}" is not declared; there are ${[...this.#queues].join(', ')}` },
      ])
    const { json, meta } = this.#codec.encode(payload, `${prefix}payload`)
    return {
      id: id ?? newId(),
      queue,
      task: task.name,
      payload: json,
      payloadMeta: meta,
      priority,
      maxAttempts: defined.maxAttempts,
      onLost: defined.onLost,
      // A job due before 1970 is due now, like every past one: some databases know no such instants.
      runAtMs: runAfter instanceof Date ? Math.max(0, runAfter.getTime()) : null,
      recurring: null,
      delayMs: runAfter === undefined || runAfter instanceof Date ? 0 : (durationMs(runAfter) as number),
    }
  }
}

/** Acts, and collects the issues of a payload. */
function collect(issues: Findings<Issue>, act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    issues.add(error.issues, error.more)
  }
}

function withoutIssues(jobs: NewJob[], { first, more }: Findings<Issue>): NewJob[] {
  if (first.length > 0) throw new PayloadError(first, more)
  return jobs
}

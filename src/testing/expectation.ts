import { AssertionError } from 'node:assert'
import { inspect } from 'node:util'
import { durationMs } from '../job/duration.ts'
import type { Job } from '../job/job.ts'
import type { PayloadCodec } from '../job/payload.ts'
import type { EnqueueOptions } from '../job/contract.ts'
import { matches } from './matches.ts'

/** A stored job, with its payload as it was enqueued. */
export interface EnqueuedJob<Payload = unknown, Result = unknown> extends Omit<Job<Result>, 'payload'> {
  readonly payload: Payload
}

/** How many jobs a failure lists at most. */
const maxListed = 10

/** The expectation of a test about the jobs of a task, or of all. */
export class Expectation {
  readonly #taskName: string | null
  /** Part of the payload, and the options of `using`: a field that is left out may have any value. */
  readonly #asked: Readonly<Record<string, unknown>>
  readonly #times: number | null

  /**
   * @param taskName null: of any task
   * @param times null: one or more
   */
  constructor(taskName: string | null, asked: EnqueueOptions & { payload?: unknown }, times: number | null) {
    const { runAfter } = asked
    const due = typeof runAfter === 'string' ? { runAfter: durationMs(runAfter) } : {}
    this.#taskName = taskName
    this.#asked = Object.fromEntries(Object.entries({ ...asked, ...due }).filter(([, value]) => value !== undefined))
    this.#times = times
  }

  /**
   * The error of an expectation that is not met; null when it is met.
   *
   * @param jobs every job of the task
   * @param otherTasks the task of every other job
   * @param asserting the function whose frame, and those above it, are left out of the error's stack
   */
  check(
    jobs: readonly EnqueuedJob[],
    otherTasks: readonly string[],
    { codec, asserting }: { codec: PayloadCodec; asserting: (...args: never) => unknown },
  ): AssertionError | null {
    const times = this.#times
    const found = jobs.filter((job) => matches(this.#asked, this.#shown(job), codec))
    if (times === null ? found.length > 0 : found.length === times) return null
    const instead = found.length > (times ?? 0) ? found : jobs
    const listed = instead.slice(0, maxListed).map((job) => this.#shown(job))
    const list = [
      ...listed.map(oneLine),
      ...(instead.length > maxListed ? [`… ${instead.length - maxListed} more`] : []),
    ]
    return new AssertionError({
      message: `Expected ${this.#text()}, but found ${found.length || 'none'}. ${
        list.length > 0 ? `Enqueued:\n${list.map((line) => `- ${line}`).join('\n')}` : elsewhere(otherTasks)
      }`,
      ...(times
        ? { actual: found.length, expected: times }
        : { actual: listed, expected: times === 0 ? [] : [this.#asked] }),
      stackStartFn: asserting,
    })
  }

  /** The payload of a job, and the options that the expectation names. */
  #shown({ task: taskName, payload, queue: queueName, priority, scheduledAt, enqueuedAt, id }: EnqueuedJob): object {
    const runAfter =
      this.#asked['runAfter'] instanceof Date ? scheduledAt : scheduledAt.getTime() - enqueuedAt.getTime()
    const set = Object.entries({ queue: queueName, priority, runAfter, id })
    return {
      ...(this.#taskName === null ? { task: taskName } : {}),
      payload,
      ...Object.fromEntries(set.filter(([name]) => name in this.#asked)),
    }
  }

  #text(): string {
    const count =
      this.#times === null
        ? 'a job'
        : this.#times === 0
          ? 'no job'
          : this.#times === 1
            ? '1 job'
            : `${this.#times} jobs`
    const task = this.#taskName === null ? '' : ` of "${this.#taskName}"`
    const asked = Object.keys(this.#asked).length === 0 ? '' : ` with ${oneLine(this.#asked)}`
    return count + task + asked
  }
}

const oneLine = (value: unknown): string =>
  inspect(value, { depth: 10, breakLength: Number.POSITIVE_INFINITY, compact: true, maxStringLength: 200 })

function elsewhere(tasks: readonly string[]): string {
  if (tasks.length === 0) return 'Nothing was enqueued.'
  const counts = Object.entries(Object.groupBy(tasks, (name) => name))
  return `Enqueued of other tasks: ${counts.map(([name, { length } = []]) => `${length} of "${name}"`).join(', ')}.`
}

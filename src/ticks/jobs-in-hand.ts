import type { Emitter } from '../events.ts'

/** A job in hand, as a log names it. */
interface JobInHand {
  readonly id: string
  readonly task: string
}

/** For a log: how many jobs are in hand, and the first twenty of them. */
interface NamedJobs {
  readonly jobsInHand: number
  readonly jobs: readonly JobInHand[]
}

const namedMax = 20

const ends = [
  'job.succeeded',
  'job.failed',
  'job.retried',
  'job.released',
  'job.cancelled',
  'job.stale',
  'job.pruned',
] as const

/** The jobs that a queue performs in this process. */
export class JobsInHand {
  readonly #jobs = new Map<string, JobInHand>()
  #sinceLook = new Map<string, JobInHand>()
  readonly #unhook: readonly (() => void)[]

  constructor(emitter: Emitter) {
    this.#unhook = [
      emitter.on('job.started', ({ id, task: taskName }) => {
        for (const jobs of [this.#jobs, this.#sinceLook]) jobs.set(id, { id, task: taskName })
      }),
      ...ends.map((end) => emitter.on(end, ({ id }) => void this.#jobs.delete(id))),
    ]
  }

  /** Follows the jobs no more. */
  close(): void {
    for (const unhook of this.#unhook) unhook()
  }

  now(): NamedJobs {
    return named(this.#jobs)
  }

  /** The jobs that were in hand at any time since the last call. */
  sinceLook(): NamedJobs {
    const jobs = named(this.#sinceLook)
    this.#sinceLook = new Map(this.#jobs)
    return jobs
  }
}

const named = (jobs: ReadonlyMap<string, JobInHand>): NamedJobs => ({
  jobsInHand: jobs.size,
  jobs: [...jobs.values()].slice(0, namedMax),
})

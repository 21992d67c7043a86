import type { Queue } from '../queue.ts'

/** A job in hand, as a log names it. */
interface JobInHand {
  readonly id: string
  readonly taskName: string
}

/** For a log: how many jobs are in hand, and the first twenty of them. */
interface NamedJobs {
  readonly jobsInHand: number
  readonly jobs: readonly JobInHand[]
}

const namedMax = 20

const ends = ['job.finished', 'job.failed', 'job.retried', 'job.released', 'job.cancelled', 'job.stale'] as const

/** The jobs that a queue performs in this process. */
export class JobsInHand {
  readonly #jobs = new Map<string, JobInHand>()
  #sinceLook = new Map<string, JobInHand>()

  constructor(queue: Queue) {
    queue.on('job.started', ({ id, taskName }) => {
      for (const jobs of [this.#jobs, this.#sinceLook]) jobs.set(id, { id, taskName })
    })
    for (const end of ends) queue.on(end, ({ id }) => void this.#jobs.delete(id))
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

import type { Queue } from '../queue.ts'

/** A job in hand, as a log names it. */
export interface JobInHand {
  readonly id: string
  readonly taskName: string
}

const namedMax = 20

const ends = ['job.finished', 'job.failed', 'job.retried', 'job.released', 'job.cancelled', 'job.stale'] as const

/** The jobs that a queue performs in this process. */
export class JobsInHand {
  readonly #jobs = new Map<string, JobInHand>()

  constructor(queue: Queue) {
    queue.on('job.started', ({ id, taskName }) => void this.#jobs.set(id, { id, taskName }))
    for (const end of ends) queue.on(end, ({ id }) => void this.#jobs.delete(id))
  }

  /** For a log: how many there are, and which, the first twenty. */
  named(): { readonly jobsInHand: number; readonly jobs: readonly JobInHand[] } {
    return { jobsInHand: this.#jobs.size, jobs: [...this.#jobs.values()].slice(0, namedMax) }
  }
}

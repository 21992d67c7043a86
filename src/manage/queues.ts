import type { Core } from '../core.ts'
import { ConfigurationError } from '../errors.ts'
import { queueNameIssue } from '../job/queue-patterns.ts'
import { type ListedQueue, listQueues } from '../transitions/list-queues.ts'
import { pause, resume } from '../transitions/pause.ts'
import { type Runner, runner } from '../transitions/run.ts'
import { combine } from '../transitions/transition.ts'
import { checkedLimit } from './checked-limit.ts'
import { checkedText } from './checked-text.ts'
import type { Jobs } from './jobs.ts'
import { hasJobs, isNamed } from './known-queue.ts'
import { Listing, pageByName, type PageOptions } from './listing.ts'
import type { Bulk, BulkOptions } from './selection.ts'

/** The outcome of a pause. */
export interface Paused {
  /** False: the queue was paused already. */
  readonly changed: boolean
  /**
   * Whether this definition names the queue (in `queues`, a task, a recurring task or a worker), or a job waits in it:
   * one that is ready, or one of the first 1,000 that are scheduled, or blocked.
   */
  readonly known: boolean
}

/** The actions of people on queues. */
export class Queues {
  readonly #core: Core
  readonly #runner: Runner
  readonly #jobs: Jobs

  constructor(core: Core, jobs: Jobs) {
    this.#core = core
    this.#runner = runner(core.driver)
    this.#jobs = jobs
  }

  /**
   * Lists the queues that have ready jobs or are paused, by the bytes of their names. Counts up to 10,000 jobs of each,
   * and up to 100,000 of all: with more than ten queues, 100,000 divided by the number of queues of each.
   *
   * @param limit of a page, 1 to 1,000; default 1,000
   * @param after a name, too
   */
  list({ limit = 1000, after }: PageOptions = {}): Listing<ListedQueue> {
    return new Listing(async (from) => {
      const queues = await this.#runner.run(
        listQueues(this.#core.driver.dialect, {
          after: checkedText('queues.list()', 'after', from ?? ''),
          queues: checkedLimit('queues.list()', limit),
          max: 10_000,
        }),
      )
      return pageByName(queues, limit, ({ name }) => name)
    }, after)
  }

  /**
   * Stops claims from a queue until it is resumed; claimed jobs go on. A queue that nothing names yet is paused, too:
   * `known` tells of a misspelt name.
   *
   * @throws ConfigurationError when `queue` is no name of a queue
   */
  async pause(queue: string): Promise<Paused> {
    const { dialect } = this.#core.driver
    const named = isNamed(this.#core, nameOf(queue))
    const { changed, used } = await this.#runner.run(
      combine({ changed: pause(dialect, { queue }), used: named ? null : hasJobs(dialect, queue) }),
    )
    return { changed, known: named || used === true }
  }

  /** Ends the pause of a queue. False: the queue was not paused. */
  async resume(queue: string): Promise<boolean> {
    const changed = await this.#runner.run(resume(this.#core.driver.dialect, { queue: nameOf(queue) }))
    if (changed) this.#core.nudges.later()
    return changed
  }

  /** Deletes the ready jobs of a queue, batch after batch: `jobs.discardAll({ state: 'ready', queue })`. */
  async purge(queue: string, options: BulkOptions = {}): Promise<Bulk> {
    return this.#jobs.discardAll({ state: 'ready', queue: nameOf(queue) }, options)
  }
}

/** @throws ConfigurationError when `queue` is no name of a queue */
function nameOf(queue: string): string {
  const issue = queueNameIssue(queue, 'queue')
  if (issue) throw new ConfigurationError('The queue', [issue])
  return queue
}

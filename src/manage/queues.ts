import type { Core } from '../core.ts'
import { ConfigurationError } from '../errors.ts'
import { queueNameProblem } from '../job/queue-patterns.ts'
import { type ListedQueue, listQueues } from '../transitions/list-queues.ts'
import { pause, resume } from '../transitions/pause.ts'
import { type Runner, runner } from '../transitions/run.ts'
import { checkedLimit } from './checked-limit.ts'
import { checkedText } from './checked-text.ts'
import type { Jobs } from './jobs.ts'
import { Listing, pageByName, type PageOptions } from './listing.ts'
import type { Bulk, BulkOptions } from './selection.ts'

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

  /** Stops claims from a queue until it is resumed; claimed jobs go on. False: the queue was paused already. */
  async pause(queue: string): Promise<boolean> {
    const changed = await this.#runner.run(pause(this.#core.driver.dialect, { queue: nameOf(queue) }))
    return changed
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
  const problem = queueNameProblem(queue, 'queue')
  if (problem) throw new ConfigurationError('The queue', [problem])
  return queue
}

import type { ExecutionContext } from './connection.ts'
import type { Emitter } from './events.ts'
import type { Nudge } from './job/nudge.ts'
import type { Problem } from './recurrent-problem.ts'

const failed: Problem = {
  level: 'warn',
  message: 'The nudge failed; cron will find the work',
  over: 'The nudge works again',
}

/**
 * Asks the platform for ticks, and wakes those of this process that wait for work. An error is logged, and thrown to no
 * caller: cron finds the work.
 */
export class Nudges {
  readonly #nudge: Nudge | null
  readonly #ctx: ExecutionContext | null
  readonly #emitter: Emitter
  readonly #wakes = new Set<() => void>()

  /**
   * @param nudge null: the platform is not asked
   * @param ctx keeps a nudge alive after the answer; null: it is not kept alive
   */
  constructor(nudge: Nudge | null, ctx: ExecutionContext | null, emitter: Emitter) {
    this.#nudge = nudge
    this.#ctx = ctx
    this.#emitter = emitter
  }

  /** Calls `wake` at each nudge, too. Returns a function that ends the calls. */
  listen(wake: () => void): () => void {
    this.#wakes.add(wake)
    return () => void this.#wakes.delete(wake)
  }

  /** Asks for a tick, and waits until it is asked for. */
  async now(): Promise<void> {
    for (const wake of this.#wakes) wake()
    try {
      await this.#nudge?.()
      this.#emitter.recurrent(failed).ended('')
    } catch (error) {
      this.#emitter.recurrent(failed).came('', { error })
    }
  }

  /** Asks for a tick, and goes on. */
  later(): void {
    const asked = this.now()
    if (!this.#nudge) return
    try {
      this.#ctx?.waitUntil(asked)
    } catch (error) {
      // The caller's jobs are stored: an error here would have it store them again.
      this.#emitter.recurrent(failed).came('', { error })
    }
  }
}

import type { ExecutionContext } from './connection.ts'
import type { Emitter } from './events.ts'
import type { Nudge } from './job/nudge.ts'
import type { Problem } from './recurrent-problem.ts'

const failed: Problem = {
  level: 'warn',
  message: 'The nudge failed; cron will find the work',
  over: 'The nudge works again',
}

/** Asks the platform for ticks. An error is logged, and thrown to no caller: cron finds the work. */
export class Nudges {
  readonly #nudge: Nudge | null
  readonly #ctx: ExecutionContext | null
  readonly #emitter: Emitter

  /**
   * @param nudge null: the platform is not asked
   * @param ctx keeps a nudge alive after the answer; null: it is not kept alive
   */
  constructor(nudge: Nudge | null, ctx: ExecutionContext | null, emitter: Emitter) {
    this.#nudge = nudge
    this.#ctx = ctx
    this.#emitter = emitter
  }

  /** Asks for a tick, and waits until it is asked for. */
  async now(): Promise<void> {
    try {
      await this.#nudge?.()
      this.#emitter.recurrent(failed).ended('')
    } catch (error) {
      this.#emitter.recurrent(failed).came('', { error })
    }
  }

  /** Asks for a tick, and goes on. */
  later(): void {
    if (!this.#nudge) return
    const asked = this.now()
    this.#ctx?.waitUntil(asked)
  }
}

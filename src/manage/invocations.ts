import type { Core } from '../core.ts'
import { listInvocations, type ListedInvocation } from '../transitions/list-invocations.ts'
import { type Runner, runner } from '../transitions/run.ts'

/** A look at invocations. */
export class Invocations {
  readonly #core: Core
  readonly #runner: Runner

  constructor(core: Core) {
    this.#core = core
    this.#runner = runner(core.driver)
  }

  /** Lists the invocations that hold jobs now, and their jobs: the longest running first, a thousand at most. */
  async list(): Promise<readonly ListedInvocation[]> {
    const invocations = await this.#runner.run(listInvocations(this.#core.driver.dialect, { max: 1000 }))
    return invocations
  }
}

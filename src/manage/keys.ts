import type { Core } from '../core.ts'
import { type Holder, type ListedKey, listHolders, listKeys } from '../transitions/list-keys.ts'
import { type Runner, runner } from '../transitions/run.ts'
import { checkedLimit } from './checked-limit.ts'
import { checkedText } from './checked-text.ts'
import { Listing, pageByName, type PageOptions } from './listing.ts'

/** A look at concurrency keys. */
export class Keys {
  readonly #core: Core
  readonly #runner: Runner

  constructor(core: Core) {
    this.#core = core
    this.#runner = runner(core.driver)
  }

  /**
   * Lists the concurrency keys that jobs hold or wait for, by their bytes; counts up to 10,000 jobs of each.
   *
   * @param limit of a page, 1 to 1,000; default 1,000
   * @param after a key, too
   */
  list({ limit = 1000, after }: PageOptions = {}): Listing<ListedKey> {
    return new Listing(async (from) => {
      const keys = await this.#runner.run(
        listKeys(this.#core.driver.dialect, {
          after: checkedText('keys.list()', 'after', from ?? ''),
          max: checkedLimit('keys.list()', limit),
          counted: 10_000,
        }),
      )
      return pageByName(keys, limit, ({ key }) => key)
    }, after)
  }

  /** Lists the jobs that hold a key, as `list()` gives it. @param limit 1 to 1,000; default 50 */
  async holders(key: string, { limit = 50 }: { readonly limit?: number | undefined } = {}): Promise<readonly Holder[]> {
    const holders = await this.#runner.run(
      listHolders(this.#core.driver.dialect, {
        key: checkedText('keys.holders()', 'key', key),
        max: checkedLimit('keys.holders()', limit),
      }),
    )
    return holders
  }
}

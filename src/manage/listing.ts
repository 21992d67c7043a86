/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Give it to the next call as `after`: more items may remain. Null: none remain. */
  readonly next: string | null
}

/** The bounds of a page. */
export interface PageOptions {
  /** The most items of a page, 1 to 1,000. */
  readonly limit?: number | undefined
  /** The `next` of the page before. Null (default): from the beginning. */
  readonly after?: string | null | undefined
}

/**
 * A list that is not read yet: `await` reads one page, and `for await` reads page after page, item by item.
 *
 * @example
 * const { items, next } = await jobs.list({ state: 'failed' })
 * for await (const job of jobs.list({ state: 'failed' })) console.log(job.id)
 */
export class Listing<Item> implements PromiseLike<Page<Item>>, AsyncIterable<Item> {
  readonly #read: (after: string | null) => Promise<Page<Item>>
  readonly #after: string | null

  constructor(read: (after: string | null) => Promise<Page<Item>>, after: string | null | undefined) {
    this.#read = read
    this.#after = after ?? null
  }

  // oxlint-disable-next-line unicorn/no-thenable -- one call that gives a page or all items, as its users write it
  then<Value = Page<Item>, Other = never>(
    onPage?: ((page: Page<Item>) => Value | PromiseLike<Value>) | null,
    onError?: ((error: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Value | Other> {
    return this.#read(this.#after).then(onPage, onError)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    let after = this.#after
    do {
      const { items, next }: Page<Item> = await this.#read(after)
      yield* items
      after = next
    } while (after !== null)
  }
}

/** A page of items that are listed by their names: the next one goes on behind the last name. */
export const pageByName = <Item>(items: readonly Item[], limit: number, nameOf: (item: Item) => string): Page<Item> => {
  const last = items.at(-1)
  return { items, next: items.length < limit || last === undefined ? null : nameOf(last) }
}

/** The check needs no token, so it must cost little: an answer is kept this long. */
const holdsForMs = 5000

/** The last health of the database of each environment. */
export class HealthChecks<Health> {
  readonly #latest = new WeakMap<object, { readonly health: Health; readonly until: number }>()
  readonly #asked = new WeakMap<object, Promise<Health>>()

  /**
   * @param check looks at the database; never rejects
   * @param shared whether a request may wait for the check of another one: on Workers it may not
   */
  async of(key: object, { check, shared }: { check: () => Promise<Health>; shared: boolean }): Promise<Health> {
    const latest = this.#latest.get(key)
    if (latest && latest.until > Date.now()) return latest.health
    const asked = (shared && this.#asked.get(key)) || check()
    this.#asked.set(key, asked)
    const health = await asked
    this.#asked.delete(key)
    this.#latest.set(key, { health, until: Date.now() + holdsForMs })
    return health
  }
}

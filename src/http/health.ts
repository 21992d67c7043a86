/** Asking needs no token, so it must cost little: an answer holds for so long. */
const holdsForMs = 5000

/** The last answer about the database of each environment. */
export class HealthChecks<Health> {
  readonly #latest = new WeakMap<object, { readonly health: Health; readonly until: number }>()

  /** @param check looks at the database */
  async of(key: object, check: () => Promise<Health>): Promise<Health> {
    const latest = this.#latest.get(key)
    if (latest && latest.until > Date.now()) return latest.health
    const health = await check()
    this.#latest.set(key, { health, until: Date.now() + holdsForMs })
    return health
  }
}

import { ConfigurationError, DeserializationError } from '../errors.ts'
import { isForeign } from './foreign.ts'
import { quote } from './quote.ts'
import type { Issue } from './issue.ts'

/** A kind of object that is stored as its name and id, and loaded when the job runs. */
export interface Model {
  readonly name: string
  readonly is: (value: object) => boolean
  /** Whether `is` asks for an instance of a class, which no JSON can be. */
  readonly byClass: boolean
  readonly idOf: (value: never) => string | number
  readonly load: (id: never) => unknown
}

interface ModelOptions<Value, Id extends string | number> {
  /** The id to load the object by: a text or a number, stored in the payload. */
  readonly id: (value: Value) => Id
  /** Loads the object. Null or undefined: it is gone, and the job fails. An error is a failed attempt. */
  readonly load: (id: Id) => Value | null | undefined | Promise<Value | null | undefined>
}

/**
 * Defines a model, for `models` of `defineQueue`: by its class, or by a predicate where objects have none.
 *
 * A predicate decides what is loaded, so it is asked only about payloads that the application enqueues. It is never
 * asked about JSON of the HTTP API or the command line, nor about results and progress, which may hold a server's
 * answer.
 *
 * @param name stored with the id; never change it while jobs wait
 * @example
 * model('contact', { class: Contact, id: (contact) => contact.id, load: (id: number) => contacts.find(id) })
 *
 * @throws ConfigurationError
 */
export function model<Value extends object, Id extends string | number>(
  name: string,
  options: ModelOptions<Value, Id> & { class: abstract new (...args: never) => Value; is?: never },
): Model
export function model<Value extends object, Id extends string | number>(
  name: string,
  options: ModelOptions<Value, Id> & { is: (value: object) => value is Value; class?: never },
): Model
export function model<Value extends object, Id extends string | number>(
  name: string,
  {
    class: Class,
    is,
    id,
    load,
  }: ModelOptions<Value, Id> & {
    class?: abstract new (...args: never) => Value
    is?: (value: object) => value is Value
  },
): Model {
  const issues: Issue[] = []
  if (typeof name !== 'string' || !/^\S{1,255}$/.test(name))
    issues.push({ path: 'name', message: `${quote(name)}; use 1 to 255 characters without white space` })
  if (typeof (Class ?? is) !== 'function' || (Class && is))
    issues.push({ path: '', message: 'give `class` or `is`, one of them' })
  if (typeof id !== 'function') issues.push({ path: 'id', message: 'give a function that returns the id' })
  if (typeof load !== 'function') issues.push({ path: 'load', message: 'give a function that finds it by its id' })
  if (issues.length > 0) throw new ConfigurationError(`Model ${quote(name)}`, issues)
  return {
    name,
    is: is ?? ((value) => value instanceof (Class as abstract new (...args: never) => Value)),
    byClass: Class !== undefined,
    idOf: id,
    load,
  }
}

/** Stored in the place of a model. */
export class Reference {
  readonly model: string
  readonly id: string | number

  constructor(name: string, id: string | number) {
    this.model = name
    this.id = id
  }
}

export class Models {
  readonly #byName: ReadonlyMap<string, Model>

  constructor(models: readonly Model[]) {
    this.#byName = new Map(models.map((each) => [each.name, each]))
  }

  private get none(): boolean {
    return this.#byName.size === 0
  }

  /** Whether any model is told by a predicate. */
  get askPredicates(): boolean {
    return [...this.#byName.values()].some(({ byClass }) => !byClass)
  }

  /** The reference to an object that is a model; null when it is none. */
  referenceTo(value: object): Reference | null {
    if (this.none) return null
    for (const each of this.#byName.values())
      if ((each.byClass || !isForeign(value)) && each.is(value))
        return new Reference(each.name, each.idOf(value as never))
    return null
  }

  /** A copy that has references in the place of models. */
  replace(value: unknown): unknown {
    if (this.none || typeof value !== 'object' || value === null) return value
    const reference = this.referenceTo(value)
    if (reference) return reference
    if (Array.isArray(value)) return value.map((item) => this.replace(item))
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [this.replace(key), this.replace(item)]))
    if (value instanceof Set) return new Set([...value].map((item) => this.replace(item)))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.replace(item)]))
  }

  /** @throws DeserializationError when the object is gone or the model is unknown; any error of the model's `load` */
  async load({ model: name, id }: Reference): Promise<unknown> {
    const known = this.#byName.get(name)
    if (!known)
      throw new DeserializationError(
        `The payload refers to a "${name}", and there is no such model. Add it to \`models\` of defineQueue().`,
      )
    const loaded = await known.load(id as never)
    if (loaded === null || loaded === undefined)
      throw new DeserializationError(`The payload refers to ${name} ${id}, which is no longer there.`)
    return loaded
  }
}

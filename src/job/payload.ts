import SuperJSON from 'superjson'
import { DeserializationError, PayloadError } from '../errors.ts'
import { registerFloatArrays } from './float-arrays.ts'
import { asForeign } from './foreign.ts'
import { describeError } from './job-error.ts'
import { type Model, Models, Reference } from './models.ts'
import { guard } from './payload-guard.ts'
import { registerTemporal } from './temporal.ts'

type Serialized = Parameters<SuperJSON['deserialize']>[0]

const utf8 = new TextEncoder()

/** Turns payloads and results into JSON text, and back. */
export class PayloadCodec {
  readonly #superjson = new SuperJSON()
  readonly #maxBytes: number
  readonly #models: Models
  /** The models that are told by their class. */
  readonly #classModels: Models
  readonly #asksPredicates: boolean
  /** Gives the value of a reference while a text is read. */
  #resolve: (reference: Reference) => unknown = (reference) => reference

  /** @param maxBytes of the JSON and its meta, in UTF-8; default 1 MiB */
  constructor({ maxBytes = 1_048_576, models = [] }: { maxBytes?: number; models?: readonly Model[] } = {}) {
    this.#maxBytes = maxBytes
    this.#models = new Models(models)
    this.#asksPredicates = this.#models.askPredicates
    this.#classModels = new Models(models.filter(({ byClass }) => byClass))
    registerFloatArrays(this.#superjson)
    registerTemporal(this.#superjson)
    this.#superjson.registerCustom<Reference, { model: string; id: string | number }>(
      {
        isApplicable: (value): value is Reference => value instanceof Reference,
        serialize: ({ model, id }) => ({ model, id }),
        deserialize: ({ model, id }) => this.#resolve(new Reference(model, id)) as Reference,
      },
      'model',
    )
  }

  /**
   * `json` is plain JSON; `meta` holds what plain JSON cannot (that a text was a Date), or null when there is nothing
   * to hold.
   *
   * @param name what the value is called in errors
   * @param foreign whether the value may hold unmarked data of others (see `asForeign`), such as a server's answer:
   *   then only instances of a model's class are models, whatever a predicate answers. Default false
   * @throws PayloadError naming each place that cannot be stored
   */
  encode(
    value: unknown,
    name = 'payload',
    { foreign = false }: { foreign?: boolean } = {},
  ): { json: string; meta: string | null } {
    const models = foreign ? this.#classModels : this.#models
    const { issues, plain } = guard(value, name, models)
    if (issues.first.length > 0) throw new PayloadError(issues.first, issues.more)
    const { json, meta } = plain ? { json: value } : withoutIdentity(this.#superjson.serialize(models.replace(value)))
    const text = { json: JSON.stringify(json), meta: meta ? JSON.stringify(meta) : null }
    const length = text.json.length + (text.meta?.length ?? 0)
    // A UTF-16 unit is three bytes of UTF-8 at most, so most values need not be counted.
    const bytes = length * 3 <= this.#maxBytes ? length : utf8.encode(text.json + (text.meta ?? '')).length
    if (bytes > this.#maxBytes)
      throw new PayloadError([
        {
          path: name,
          message: `${bytes} bytes of JSON, ${this.#maxBytes} at most; store it elsewhere, and its address here (or raise \`maxPayloadBytes\`)`,
        },
      ])
    return text
  }

  /**
   * Reads the texts that `encode` wrote, and loads the models that they refer to.
   *
   * @throws DeserializationError when the texts cannot be read, or a model is gone; any error of a model's `load`
   */
  async decode(json: string, meta: string | null): Promise<unknown> {
    // A text that refers to models is read twice: to find the references, and, once the models are loaded, to insert
    // them.
    const references = new Map<string, Reference>()
    const first = this.#read(json, meta, (reference) => references.set(keyOf(reference), reference))
    if (references.size === 0) return first
    const loaded = new Map(
      await Promise.all(
        [...references].map(async ([key, reference]) => [key, await this.#models.load(reference)] as const),
      ),
    )
    return this.#read(json, meta, (reference) => loaded.get(keyOf(reference)))
  }

  #read(json: string, meta: string | null, resolve: (reference: Reference) => unknown): unknown {
    this.#resolve = resolve
    try {
      const plain = JSON.parse(json)
      // Plain JSON held no model when it was stored, and must not become one when it is handed on.
      if (meta === null) return this.#asksPredicates ? asForeign(plain) : plain
      return this.#superjson.deserialize(withoutIdentity({ json: plain, meta: JSON.parse(meta) }))
    } catch (error) {
      throw new DeserializationError(`The stored payload cannot be read: ${describeError(error).message}`, {
        cause: error,
      })
    }
  }
}

/**
 * Leaves out which places held the same object. superjson names places in a Set or Map by their position and replaces
 * one element after the other, which moves them: the next position is another element. A value comes back equal all
 * the same.
 */
function withoutIdentity({ json, meta }: Serialized): Serialized {
  if (!meta?.referentialEqualities) return { json, ...(meta && { meta }) }
  const { referentialEqualities: _, ...rest } = meta
  return { json, ...(rest.values && { meta: rest }) }
}

const keyOf = ({ model, id }: Reference): string => JSON.stringify([model, id])

import SuperJSON from 'superjson'
import { DeserializationError, PayloadError } from '../errors.ts'
import { guard } from './payload-guard.ts'

const utf8 = new TextEncoder()

/** Turns payloads and results into JSON text, and back. */
export class PayloadCodec {
  readonly #superjson = new SuperJSON()
  readonly #maxBytes: number

  /** @param maxBytes of the JSON and its meta, in UTF-8; default 1 MiB */
  constructor({ maxBytes = 1_048_576 }: { maxBytes?: number } = {}) {
    this.#maxBytes = maxBytes
  }

  /**
   * `json` is plain JSON; `meta` says what plain JSON cannot (that a text was a Date), null when there is nothing to say.
   *
   * @param name what the value is called in errors
   * @throws PayloadError naming each place that cannot be stored
   */
  encode(value: unknown, name = 'payload'): { json: string; meta: string | null } {
    const { issues, plain } = guard(value, name)
    if (issues.length > 0) throw new PayloadError(issues)
    const { json, meta } = plain ? { json: value, meta: undefined } : this.#superjson.serialize(value)
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

  /** @throws DeserializationError when it cannot be read */
  async decode(json: string, meta: string | null): Promise<unknown> {
    try {
      const plain = JSON.parse(json)
      return meta === null ? plain : this.#superjson.deserialize({ json: plain, meta: JSON.parse(meta) })
    } catch (error) {
      throw new DeserializationError(
        `The stored payload cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    }
  }
}

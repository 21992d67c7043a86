import { text } from 'node:stream/consumers'
import { UsageError } from './usage-error.ts'

/** A payload that is given as JSON, or, for `-`, on standard input. Undefined: none was given. */
export async function payloadOf(json: string | undefined): Promise<unknown> {
  if (json === undefined) return undefined
  const given = json === '-' ? await text(process.stdin) : json
  try {
    return JSON.parse(given)
  } catch (error) {
    throw new UsageError(
      `The payload is no JSON: ${(error as Error).message}. Put it in single quotes, as in '{"name":"Ada"}'.`,
      { cause: error },
    )
  }
}

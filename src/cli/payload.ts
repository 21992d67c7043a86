import { buffer } from 'node:stream/consumers'
import { asForeign } from '../job/foreign.ts'
import { readJson } from '../job/json.ts'
import { UsageError } from './usage-error.ts'

/**
 * A payload that is given as JSON, or, for `-`, on standard input. Undefined: none was given.
 *
 * @throws UsageError when the text is no JSON; PayloadError when a number in it does not fit
 */
export async function payloadOf(json: string | undefined): Promise<unknown> {
  if (json === undefined) return undefined
  const given = json === '-' ? await buffer(process.stdin) : json
  try {
    return asForeign(readJson(given, 'payload'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError(`The payload is no JSON: ${error.message}. Put it in single quotes, as in '{"name":"Ada"}'.`, {
      cause: error,
    })
  }
}

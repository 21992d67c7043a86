import type { Context } from 'hono'
import { isDatabaseError } from '../dialects/driver.ts'
import { PayloadError } from '../errors.ts'
import { Emitter, type Logger } from '../events.ts'
import { describeError } from '../job/job-error.ts'
import { SchemaError } from '../schema-error.ts'
import { listOf, type Problem } from './answer.ts'

/**
 * Makes the answer to a request that an error has ended. Errors of payloads are the caller's; all others are logged.
 */
export function explainErrors(logger: Logger): (error: unknown, context: Context) => Problem {
  const emitter = new Emitter(logger, {})
  return (error, context) => {
    if (error instanceof PayloadError)
      return {
        status: 422,
        code: error.code,
        detail: 'The payload cannot be used; nothing was stored.',
        ...listOf(
          error.issues.map(({ path, message }) => ({ field: path, message })),
          error.more,
        ),
      }
    const { method, path } = context.req
    emitter.log('error', 'http.failed', { method, path, error: describeError(error) })
    if (isDatabaseError(error) || error instanceof SchemaError)
      return { status: 503, code: error.code, detail: 'The database cannot serve this now. Try again.' }
    return { status: 500, code: 'INTERNAL', detail: 'Something went wrong here; the log says what.' }
  }
}

import type { Context } from 'hono'
import { readJson } from '../job/json.ts'
import type { Call } from '../job/contract.ts'
import { listOf, problem } from './answer.ts'
import type { Offered } from './offer.ts'
import { readBody } from './read-body.ts'
import { readCalls } from './read-calls.ts'

const maxBodyBytes = 8 * 1024 * 1024

/** The jobs that a request asks to enqueue. */
export interface Requested {
  readonly calls: readonly Call[]
  /** Whether the body was a list, and is answered with one. */
  readonly listed: boolean
}

/**
 * Reads the body of a request to enqueue.
 *
 * @returns an answer where the body cannot be used
 * @throws PayloadError naming each number that does not fit
 */
export async function readRequest(context: Context, offered: Offered): Promise<Requested | Response> {
  if (!isJson(context.req.header('content-type') ?? ''))
    return problem(context, {
      status: 415,
      code: 'NOT_JSON',
      detail: 'Send the body as JSON in UTF-8, with the header content-type: application/json.',
    })
  const sent = await readBody(context.req.raw, maxBodyBytes)
  if (sent === 'too-large')
    return problem(context, {
      status: 413,
      code: 'BODY_TOO_LARGE',
      detail: `The body is larger than ${maxBodyBytes} bytes. Send fewer jobs, or store the data elsewhere and its address here.`,
    })
  if (sent === 'cut-off')
    return problem(context, { status: 400, code: 'BODY_CUT_OFF', detail: 'The body is not whole. Send it again.' })
  let body: unknown
  try {
    body = readJson(sent, '')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return problem(context, {
      status: 400,
      code: 'JSON_INVALID',
      detail: `The body is not valid JSON: ${error.message}`,
    })
  }
  const { calls, errors } = readCalls(body, offered)
  if (errors.first.length === 0) return { calls, listed: Array.isArray(body) }
  return problem(context, {
    status: 422,
    code: 'FIELDS_INVALID',
    detail: 'Some fields cannot be used; nothing was stored.',
    ...listOf(errors.first, errors.more),
  })
}

/** JSON is UTF-8 (RFC 8259), so a parameter may name no other charset. */
const isJson = (contentType: string): boolean =>
  /^application\/json *(;(?! *charset *=)[^;]*|; *charset *= *"?utf-?8"? *)*$/i.test(contentType)

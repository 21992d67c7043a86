import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What is wrong with one field, such as `[3].payload.url`. An empty field is the whole body. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

interface Problem {
  readonly status: ContentfulStatusCode
  /** Stable, for programs. */
  readonly code: string
  /** For people: what is wrong, and the way out. */
  readonly detail: string
  readonly errors?: readonly FieldError[]
}

/** Answers with an `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457). */
export function problem(context: Context, { status, ...members }: Problem): Response {
  return context.body(JSON.stringify({ status, ...members }), status, { 'content-type': 'application/problem+json' })
}

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What is wrong with one field, such as `[3].payload.url`. An empty field is the whole body. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

/** A problem of a `ConfigurationError` begins with its field, as in `priority: 1.5; use a whole number`. */
export function fieldError(text: string): FieldError {
  const colon = text.indexOf(': ')
  return colon === -1 ? { field: '', message: text } : { field: text.slice(0, colon), message: text.slice(colon + 2) }
}

interface Problem {
  readonly status: ContentfulStatusCode
  /** Stable, for programs. */
  readonly code: string
  /** For people: what is wrong, and the way out. */
  readonly detail: string
  /** The first 20. */
  readonly errors?: readonly FieldError[]
  /** How many errors there are beside those; left out where there are none. */
  readonly moreErrors?: number | undefined
}

/** Answers with an `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457). */
export function problem(context: Context, { status, ...members }: Problem): Response {
  return context.body(JSON.stringify({ status, ...members }), status, { 'content-type': 'application/problem+json' })
}

/** The members of a problem that list errors. */
export const listOf = (errors: readonly FieldError[], more: number): Pick<Problem, 'errors' | 'moreErrors'> => ({
  errors,
  moreErrors: more === 0 ? undefined : more,
})

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { printableJson } from '../job/quote.ts'

/** Answers with JSON that no cache keeps, since it shows jobs as they are at this moment. */
export function answer(
  context: Context,
  status: ContentfulStatusCode,
  value: object,
  contentType = 'application/json',
): Response {
  const headers = { 'content-type': contentType, 'cache-control': 'no-store' }
  return context.body(printableJson(JSON.stringify(value)), status, headers)
}

/** An error of one field, such as `[3].payload.url`. An empty field is the whole body. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

/** An error answer. */
export interface Problem {
  readonly status: ContentfulStatusCode
  /** Stable, for programs. */
  readonly code: string
  /** For people: the error, and the way out. */
  readonly detail: string
  /** The first 20. */
  readonly errors?: readonly FieldError[]
  /** How many errors are not listed in `errors`; left out where there are none. */
  readonly moreErrors?: number | undefined
}

/** Answers with an `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457). */
export const problem = (context: Context, members: Problem): Response =>
  answer(context, members.status, members, 'application/problem+json')

/** The members of a problem that list errors. */
export const listOf = (errors: readonly FieldError[], more: number): Pick<Problem, 'errors' | 'moreErrors'> => ({
  errors,
  moreErrors: more === 0 ? undefined : more,
})

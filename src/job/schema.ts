import type { StandardSchemaV1 } from '@standard-schema/spec'
import { PayloadError } from '../errors.ts'

/**
 * Parses a value by a Standard Schema (https://standardschema.dev): zod, valibot, arktype, …
 *
 * @param name what the value is called in errors
 * @returns the schema's output; without a schema the value itself
 * @throws PayloadError naming each field that is wrong
 */
export async function parseBySchema(
  schema: StandardSchemaV1 | null,
  value: unknown,
  name = 'payload',
): Promise<unknown> {
  if (!schema) return value
  const parsed = await schema['~standard'].validate(value)
  const error = errorOf(parsed, name)
  if (error) throw error
  return (parsed as StandardSchemaV1.SuccessResult<unknown>).value
}

/** Says what a Standard Schema finds wrong with a value; null: nothing. A promise where the schema is asynchronous. */
export function checkBySchema(
  schema: StandardSchemaV1,
  value: unknown,
  name: string,
): PayloadError | null | Promise<PayloadError | null> {
  const parsed = schema['~standard'].validate(value)
  return parsed instanceof Promise ? parsed.then((later) => errorOf(later, name)) : errorOf(parsed, name)
}

function errorOf({ issues }: StandardSchemaV1.Result<unknown>, name: string): PayloadError | null {
  if (!issues) return null
  if (issues.length === 0) return new PayloadError([{ path: name, message: 'its schema refuses it without a reason' }])
  return new PayloadError(
    issues.map((issue) => ({ path: `${name}${pathText(issue.path ?? [])}`, message: issue.message })),
  )
}

function pathText(path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string {
  return path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
}

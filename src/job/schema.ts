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
  if (!parsed.issues) return parsed.value
  throw new PayloadError(issuesOf(parsed, name))
}

/** What a Standard Schema finds wrong with a value, in the same words; later where the schema is asynchronous. */
export function checkBySchema(
  schema: StandardSchemaV1,
  value: unknown,
  name: string,
): PayloadError['issues'] | Promise<PayloadError['issues']> {
  const parsed = schema['~standard'].validate(value)
  return parsed instanceof Promise ? parsed.then((later) => issuesOf(later, name)) : issuesOf(parsed, name)
}

function issuesOf({ issues = [] }: StandardSchemaV1.Result<unknown>, name: string): PayloadError['issues'] {
  return issues.map((issue) => ({ path: `${name}${pathText(issue.path ?? [])}`, message: issue.message }))
}

function pathText(path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string {
  return path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
}

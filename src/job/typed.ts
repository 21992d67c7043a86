import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * The type of a payload that nothing checks when it is enqueued or performed, as the `input` of a task. Where payloads
 * come from outside, as over the HTTP API, use a schema.
 *
 * @example
 * export const deliver = task('deliver', { input: typed<{ url: string }>() })
 */
export function typed<T>(): StandardSchemaV1<T, T> {
  return { '~standard': { version: 1, vendor: 'steadytick', validate: (value) => ({ value: value as T }) } }
}

import { PayloadError } from '../errors.ts'
import type { DefinedTask } from './defined-task.ts'
import { checkBySchema } from './schema.ts'

/**
 * Says what is wrong with the payload of a new job; null: nothing. A promise where the task's schema is asynchronous.
 *
 * @param at what the payload is called in errors
 */
export function checkPayload(
  { name, schema, takesPayload }: Pick<DefinedTask, 'name' | 'schema' | 'takesPayload'>,
  payload: unknown,
  at: string,
): PayloadError | null | Promise<PayloadError | null> {
  if (schema) return checkBySchema(schema, payload, at)
  // JSON has no undefined: null stands for none, too.
  if (takesPayload || payload === undefined || payload === null) return null
  const message = `task "${name}" takes none; give it an \`input\`, or its \`run\` a parameter. Options come after the payload: enqueue(task, undefined, { … })`
  return new PayloadError([{ path: at, message }])
}

import type { JobConcurrency } from '../dialects/moves.ts'
import { PayloadError } from '../errors.ts'
import { describeError } from '../job/job-error.ts'
import type { Task } from '../job/contract.ts'

/**
 * The key, limit and duration under which a job is limited; null: it is not limited.
 *
 * @param place the text before `payload` in errors
 * @param defaultDurationMs how long the job holds its permit, where its task does not say
 * @throws PayloadError when the key cannot be made of the payload
 */
export function concurrencyOf(
  { name, '~': { concurrency } }: Task,
  payload: unknown,
  { place, defaultDurationMs }: { place: string; defaultDurationMs: number },
): JobConcurrency | null {
  if (!concurrency) return null
  try {
    const key = concurrency.keyOf(payload)
    if (key === null) return null
    const { limit, durationMs, onConflict } = concurrency
    return { key, limit, durationMs: durationMs ?? defaultDurationMs, onConflict }
  } catch (error) {
    const { message } = describeError(error)
    throw new PayloadError([
      { path: `${place}payload`, message: `the concurrency key of task "${name}" cannot be made of it: ${message}` },
    ])
  }
}

import type { JobConcurrency } from '../dialects/moves.ts'
import { PayloadError } from '../errors.ts'
import { describeError } from '../job/job-error.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import { permitMs, type PermitSettings } from './permit-duration.ts'

/**
 * The key, limit and duration under which a job is limited; null: it is not limited.
 *
 * @param prefix the text before `payload` in errors
 * @throws PayloadError when the key cannot be made of the payload
 */
export function concurrencyOf(
  task: DefinedTask,
  payload: unknown,
  { prefix, settings }: { prefix: string; settings: PermitSettings },
): JobConcurrency | null {
  const { name, concurrency } = task
  if (!concurrency) return null
  try {
    const key = concurrency.keyOf(payload)
    if (key === null) return null
    const { limit, onConflict } = concurrency
    return { key, limit, durationMs: permitMs(task, settings), onConflict }
  } catch (error) {
    const { message } = describeError(error)
    throw new PayloadError([
      { path: `${prefix}payload`, message: `the concurrency key of task "${name}" cannot be made of it: ${message}` },
    ])
  }
}

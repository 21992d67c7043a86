import type { JobError } from './job.ts'

/**
 * Reads JSON text of a stored row; null stays null. A text that is no JSON was written by another program, or by hand.
 * It is shown as `{ unreadable }`, with its first 200 characters, so that one row hides no other.
 */
export function readStoredJson(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return { unreadable: text.slice(0, 200) }
  }
}

/** Reads a job's list of errors. Elements that are no errors are left out. */
export function readErrors(text: string | null): readonly JobError[] {
  const errors = readStoredJson(text)
  if (!Array.isArray(errors)) return []
  return errors.filter((error) => typeof error === 'object' && error !== null).map(readError)
}

/** Reads one stored error; missing fields get defaults. */
export function readError(stored: unknown): JobError {
  const { name, message, stack, attempt, at } = (stored ?? {}) as Readonly<Record<keyof JobError, unknown>>
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : 'The stored error cannot be read.',
    stack: typeof stack === 'string' ? stack : null,
    attempt: typeof attempt === 'number' ? attempt : 0,
    at: new Date(typeof at === 'number' && Math.abs(at) <= 8.64e15 ? at : 0),
  }
}

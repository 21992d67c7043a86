import { DatabaseError } from '../dialects/driver.ts'

/** Whether the database refused a batch for what it holds: nothing was written, and the same batch is refused again. */
export const isRefused = (error: unknown): error is DatabaseError =>
  error instanceof DatabaseError && error.failure === 'other'

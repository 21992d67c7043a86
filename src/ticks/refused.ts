import { type DatabaseError, isDatabaseError } from '../dialects/driver.ts'

/** Whether the database refused a batch for what it holds: nothing was written, and the same batch is refused again. */
export const isRefused = (error: unknown): error is DatabaseError => isDatabaseError(error) && error.failure === 'other'

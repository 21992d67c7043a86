import type { Task } from './contract.ts'

/** Whether a value is what `task()` gave. */
export const isTask = (value: unknown): value is Task =>
  typeof value === 'object' && value !== null && 'call' in value && typeof value.call === 'function'

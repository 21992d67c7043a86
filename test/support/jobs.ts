import type { NewJob } from '../../src/dialects/moves.ts'

/** A job as it is stored: of the queue `default`, due at once, without a limit. */
export const newJob = (set: Partial<NewJob> & { readonly id: string }): NewJob => ({
  queue: 'default',
  task: 'deliver',
  payload: 'null',
  payloadMeta: null,
  priority: 0,
  maxAttempts: 3,
  onLost: 'retry',
  concurrency: null,
  recurring: null,
  runAtMs: null,
  delayMs: 0,
  ...set,
})

import type { Queue } from '../../src/index.ts'

/** What an operator may do to a job at any time. A claimed job is not discarded: `JOB_CLAIMED`. */
export const operations = {
  discard: (queue: Queue, id: string): Promise<unknown> => queue.discard(id),
  cancel: (queue: Queue, id: string): Promise<unknown> => queue.cancel(id),
  retry: (queue: Queue, id: string): Promise<unknown> => queue.retryAll({ ids: [id] }),
  'run now': (queue: Queue, id: string): Promise<unknown> => queue.runNow(id),
} as const

export type Operation = keyof typeof operations

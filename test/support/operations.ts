import type { Queue } from '../../src/index.ts'
import { manage } from '../../src/manage/index.ts'

/** What an operator may do to a job at any time. A claimed job is not discarded: `JOB_CLAIMED`. */
export const operations = {
  discard: (queue: Queue, id: string): Promise<unknown> => manage(queue).jobs.discard(id),
  cancel: (queue: Queue, id: string): Promise<unknown> => manage(queue).jobs.cancel(id),
  retry: (queue: Queue, id: string): Promise<unknown> => manage(queue).jobs.retryAll({ ids: [id] }),
  'run now': (queue: Queue, id: string): Promise<unknown> => manage(queue).jobs.runNow(id),
} as const

export type Operation = keyof typeof operations

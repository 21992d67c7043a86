import type { Worker } from '../settings.ts'
import type { ClaimedJob } from '../transitions/claim.ts'

/**
 * The queue that each worker last claimed from, in this process. Where a prefix has more queues than a claim looks at,
 * the next claim begins behind this queue, so that all queues have their turn.
 */
export const rotation = new WeakMap<Worker, string>()

/**
 * The last of the queues of these jobs by the order of JavaScript, which need not be the order of bytes: any queue will
 * do.
 */
export const lastQueueOf = (jobs: readonly ClaimedJob[]): string =>
  jobs.reduce((last, { queue: queueName }) => (queueName > last ? queueName : last), '')

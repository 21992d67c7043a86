export type { Worked } from '../ticks/worked.ts'
export type { EnqueuedJob } from './expectation.ts'
export type { PartOf } from './matches.ts'
export { NotPerformedError } from './not-performed-error.ts'
export {
  EndlessDrainError,
  type ExpectOptions,
  testQueue,
  type TestQueue,
  type TestQueueOptions,
} from './test-queue.ts'

import type { Dialect } from '../../../src/dialects/dialect.ts'
import type { NewJob } from '../../../src/dialects/moves.ts'
import { deploymentOf } from '../../../src/recurring/deployment.ts'
import type { NewRecurringTask } from '../../../src/recurring/recurring-task.ts'

import type { Transition } from '../../../src/transitions/transition.ts'
import { newJob as newJobOf } from '../../support/jobs.ts'
import { counts, firstOf, jobId } from '../fill.ts'

/** A transition, and what it may read of tables that `fill.ts` has filled. */
export interface Case {
  readonly name: string
  readonly of: (dialect: Dialect) => Transition<unknown>
  /** Jobs that are asked for: what a step may read of a growing table follows from this, never from what is stored. */
  readonly max: number
  /** Queues whose first `max` jobs may be read, to choose among them. Default 1. */
  readonly queues?: number
  /** Rows that the last statement answers or affects, so that a case does what its name says. */
  readonly answers: number | 'one a queue' | 'one a kind'
  /** A queue that is paused. */
  readonly paused?: string
  /** The shape of jobs that it is for. Default: those of few queues. */
  readonly shape?: 'tenants'
  /** SQLite: indexes that are walked from their beginning until a LIMIT stops it. */
  readonly walks?: readonly string[]
}

/** The number of the first job of each state. */
export const first = firstOf(counts)

export const day = 86_400_000
export const twenty = <T>(make: (index: number) => T): T[] => Array.from({ length: 20 }, (_, index) => make(index))

/** The ids of the first twenty jobs of a state. */
export const twentyOf = (state: keyof typeof first) => twenty((index) => jobId(first[state] + index))

export const walkOfReady = ['steadytick_ready_for_claim']

/** What a claim by ranges looks at first, and where that ends. */
export const rangesMax = 1000 + 20 * 10 + 1

/** Every other one is due later. */
export const newJob = (index: number): NewJob =>
  newJobOf({
    id: `0190a5f1-0000-7000-8000-${String(index).padStart(12, '0')}`,
    payload: '{}',
    delayMs: index % 2 === 0 ? 0 : 60_000,
  })

/** Recurring tasks as code defines them: those that `fill.ts` stores, and others. */
export const recurring = (key: string): NewRecurringTask => ({
  key,
  task: 'greet',
  schedule: '0 * * * *',
  timeZone: 'UTC',
  payload: 'null',
  payloadMeta: null,
  queue: null,
  priority: null,
  catchUp: 'latest',
  description: null,
})

/** The code that defines them. */
export const deployment = deploymentOf(
  Array.from({ length: 20 }, (_, index) => recurring(`task-${index}`)),
  ['greet'],
)

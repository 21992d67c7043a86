import type { NewJob } from '../../../src/dialects/moves.ts'
import { enqueue, enqueueUnplaced } from '../../../src/transitions/enqueue.ts'
import { holdersOfJob, listHolders, listKeys } from '../../../src/transitions/list-keys.ts'
import { keysToRepair, repair } from '../../../src/transitions/repair.ts'
import { settle } from '../../../src/transitions/settle.ts'
import { hotKey, invocations, jobId } from '../fill.ts'
import { type Case, first, newJob, twenty } from './case.ts'
import { endingAt } from './lifecycle.ts'

/** Every other one has a key that is full, every fourth is due later. */
function newLimitedJob(index: number): NewJob {
  const key = index % 2 === 0 ? hotKey : `deliver/new ${index}`
  return {
    ...newJob(0),
    id: `0190a5f1-0000-7000-8000-${String(index).padStart(12, '0')}`,
    delayMs: index % 4 === 3 ? 60_000 : 0,
    concurrency: { key, limit: 1, durationMs: 300_000, onConflict: 'block' },
  }
}

export const limits: readonly Case[] = [
  {
    name: 'enqueue, limited',
    of: (dialect) => enqueue(dialect, { jobs: twenty(newLimitedJob) }),
    max: 20,
    answers: 15,
  },
  {
    name: 'enqueue, limited, in a transaction',
    of: (dialect) => enqueueUnplaced(dialect, { jobs: twenty(newLimitedJob) }),
    max: 20,
    answers: 20,
  },
  {
    name: 'settle, limited',
    of: (dialect) =>
      settle(dialect, {
        invocationId: invocations.live,
        endings: twenty(endingAt),
        keys: twenty((index) => ({ key: hotKey, limit: 20, jobId: jobId(first.claimed + index) })),
      }),
    max: 20,
    answers: 20,
  },
  { name: 'keys to repair', of: (dialect) => keysToRepair(dialect, { after: '', max: 500 }), max: 600, answers: 0 },
  {
    name: 'repair',
    of: (dialect) => repair(dialect, { keys: twenty((index) => `deliver/${index}`) }),
    max: 20,
    answers: 1,
  },
  { name: 'list keys', of: (dialect) => listKeys(dialect, { after: '', max: 20, counted: 20 }), max: 60, answers: 20 },
  { name: 'holders', of: (dialect) => listHolders(dialect, { key: hotKey, max: 50 }), max: 20, answers: 20 },
  {
    name: 'holders of a job',
    of: (dialect) => holdersOfJob(dialect, { id: jobId(first.blocked), max: 50 }),
    max: 20,
    answers: 20,
  },
]

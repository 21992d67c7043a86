import { expect } from 'vitest'
import { FinalError, fixed, task } from '../../../src/index.ts'
import type { OpenDatabase } from '../../support/databases.ts'
import { brokenJobs } from '../../support/invariants.ts'
import { openQueue as open } from '../../support/open-queue.ts'

export interface Call {
  readonly account: string | null
  readonly fails?: 'once' | 'for good'
}

export const run = ({ fails }: Call, { attempt }: { attempt: number }): string => {
  if (fails === 'for good') throw new FinalError('never')
  if (fails === 'once' && attempt === 1) throw new Error('not yet')
  return 'done'
}
export const key = ({ account }: Call) => account

export const one = task('one', { run, maxAttempts: 2, backoff: fixed('1m'), concurrency: { key, duration: '5m' } })
export const two = task('two', { run, concurrency: { key, limit: 2 } })
export const skip = task('skip', { run, concurrency: { key, onConflict: 'skip' } })
export const a = { account: 'a' }
export const b = { account: 'b' }

export const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

/** A queue of the three tasks. `whole` expects that nothing is broken now. */
export async function openQueue(database: OpenDatabase, options: Parameters<typeof open>[1] = {}) {
  const opened = await open(database, { ...options, tasks: [one, two, skip, ...(options.tasks ?? [])] })
  const { queue, driver } = opened
  return {
    ...opened,
    stateOf: async (id: string | null | undefined) => (await queue.find(id as string))?.state,
    statesOf: async (jobs: readonly { id: string | null }[]) =>
      Promise.all(jobs.map(async ({ id }) => (await queue.find(id as string))?.state)),
    whole: async () => expect(await brokenJobs(driver)).toEqual([]),
  }
}

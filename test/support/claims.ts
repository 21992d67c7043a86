import type { Driver } from '../../src/dialects/driver.ts'
import type { ClaimInput, Ending, Key } from '../../src/dialects/moves.ts'
import { parseQueuePatterns } from '../../src/job/queue-patterns.ts'
import { claim, type ClaimedJob } from '../../src/transitions/claim.ts'
import { runner } from '../../src/transitions/run.ts'
import { settle, type Settled } from '../../src/transitions/settle.ts'

export const processA = '019b0000-0000-7000-8000-00000000000a'
export const processB = '019b0000-0000-7000-8000-00000000000b'

type ClaimSet = Partial<Omit<ClaimInput, 'queues'>> & {
  readonly invocationId: string
  readonly queues?: readonly string[]
  readonly after?: string
}

/** A claim as a transition: the first of an invocation, for a minute. */
export const claimOf = ({ dialect }: Driver, { queues = ['*'], ...set }: ClaimSet) =>
  claim(dialect, {
    claim: 1,
    first: true,
    worker: 'default',
    name: 'test',
    leaseMs: 60_000,
    maxInvocations: 10,
    max: 10,
    patterns: parseQueuePatterns(queues),
    ...set,
  })

/** How a job of claim 1 ended: it succeeded. */
export const endingOf = (set: Partial<Ending> & { readonly id: string }): Ending => ({
  claim: 1,
  kind: 'succeeded',
  result: null,
  resultMeta: null,
  progress: null,
  error: null,
  fingerprint: set.kind === 'failed' ? '00000000' : null,
  delayMs: 0,
  spent: true,
  whole: false,
  ...set,
})

/** Claims by hand. */
export async function claimBy(
  driver: Driver,
  invocationId: string,
  set: Omit<ClaimSet, 'invocationId'> = {},
): Promise<readonly ClaimedJob[]> {
  const jobs = await runner(driver).run(claimOf(driver, { invocationId, ...set }))
  return jobs
}

/** One settlement, made by hand: the job succeeded. */
export async function settleBy(
  driver: Driver,
  invocationId: string,
  endings: readonly (Partial<Ending> & { id: string })[],
  keys: readonly Key[] = [],
): Promise<ReadonlyMap<string, Settled>> {
  const settled = await runner(driver).run(
    settle(driver.dialect, {
      invocationId,
      keys,
      endings: endings.map(endingOf),
    }),
  )
  return settled
}

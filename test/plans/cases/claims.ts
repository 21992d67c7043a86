import { parseQueuePatterns } from '../../../src/job/queue-patterns.ts'
import { claim } from '../../../src/transitions/claim.ts'
import { invocations } from '../fill.ts'
import { type Case, rangesMax, walkOfReady } from './case.ts'

export const claimFrom =
  (queues: readonly string[], more: Partial<Parameters<typeof claim>[1]> = {}): Case['of'] =>
  (dialect) =>
    claim(dialect, {
      invocationId: '0190a5f0-0000-7000-9000-000000000009',
      claim: 1,
      first: true,
      worker: 'default',
      name: 'host:9',
      leaseMs: 300_000,
      maxInvocations: 10,
      max: 10,
      patterns: parseQueuePatterns(queues),
      ...more,
    })

export const claims: readonly Case[] = [
  { name: 'claim *', of: claimFrom(['*']), max: 10, answers: 10, walks: walkOfReady },
  {
    name: 'claim * once more',
    of: claimFrom(['*'], { invocationId: invocations.live, claim: 2, first: false }),
    max: 10,
    answers: 10,
    walks: walkOfReady,
  },
  {
    name: 'claim *, sent again',
    of: claimFrom(['*'], { invocationId: invocations.live, claim: 1, first: false }),
    max: 20,
    answers: 20,
    walks: walkOfReady,
  },
  {
    name: 'claim *, at maxInvocations',
    of: claimFrom(['*'], { maxInvocations: 1 }),
    max: 10,
    answers: 0,
    walks: walkOfReady,
  },
  {
    name: 'claim *, while a queue is paused',
    of: claimFrom(['*']),
    max: rangesMax,
    answers: 10,
    paused: 'mail',
    walks: walkOfReady,
  },
  { name: 'claim names', of: claimFrom(['mail', 'none', 'default']), max: 10, answers: 10 },
  { name: 'claim names, one of them paused', of: claimFrom(['mail', 'default']), max: 10, answers: 10, paused: 'mail' },
  {
    name: 'claim prefixes',
    of: claimFrom(['imports', 'web-*', 'def*']),
    max: rangesMax,
    queues: 2,
    answers: 10,
    walks: walkOfReady,
  },
  {
    name: 'claim prefixes, one of them paused',
    of: claimFrom(['ma*', 'web-*', '*']),
    max: rangesMax,
    queues: 3,
    answers: 10,
    paused: 'mail',
    walks: walkOfReady,
  },
]

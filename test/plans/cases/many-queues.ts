import { listKeys } from '../../../src/transitions/list-keys.ts'
import { listQueues } from '../../../src/transitions/list-queues.ts'
import { type Case, rangesMax, walkOfReady } from './case.ts'
import { claimFrom } from './claims.ts'
import { lookFor } from './looks.ts'
import { pageOf } from './pages.ts'

/** Of jobs of many queues, and of keys that nothing holds any more. */
export const manyQueues: readonly Case[] = (
  [
    {
      name: 'claim a prefix, behind the backlog of another queue',
      of: claimFrom(['tenant-*']),
      max: rangesMax,
      answers: 10,
    },
    {
      name: 'claim a prefix and then the rest',
      of: claimFrom(['tenant-1*', '*']),
      max: rangesMax,
      queues: 2,
      answers: 10,
    },
    {
      name: 'claim *, while the backlog is paused',
      of: claimFrom(['*']),
      max: rangesMax,
      paused: 'bulk',
      answers: 10,
    },
    {
      name: 'claim *, while one of many is paused',
      of: claimFrom(['*']),
      max: rangesMax,
      paused: 'tenant-1',
      answers: 10,
    },
    {
      name: 'look for workers of many queues',
      of: lookFor({ all: ['*'], tenants: ['tenant-*'], idle: ['none', 'n*'] }),
      max: 8,
      paused: 'bulk',
      answers: 2,
    },
    {
      name: 'page of ready, of a small queue',
      of: pageOf({ state: 'ready', queue: 'tenant-7' }, () => null),
      max: 1,
      answers: 1,
    },
    {
      name: 'count of a small queue',
      of: (dialect) => listQueues(dialect, { after: 'tenant-7', max: 20, queues: 20 }),
      max: 22,
      queues: 3,
      answers: 20,
    },
    {
      name: 'list keys, behind many that nothing holds',
      of: (dialect) => listKeys(dialect, { after: '', max: 20, counted: 20 }),
      max: 20,
      // What holds and what waits for each key.
      queues: 20,
      answers: 20,
    },
  ] satisfies Case[]
).map((tried): Case => ({ ...tried, shape: 'tenants', walks: walkOfReady }))

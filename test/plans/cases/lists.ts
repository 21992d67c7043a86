import { countInvocations, facts } from '../../../src/transitions/facts.ts'
import { readSchema } from '../../../src/transitions/read-schema.ts'
import { findFaults } from '../../../src/transitions/find-faults.ts'
import { findIds } from '../../../src/transitions/find-ids.ts'
import { findStates } from '../../../src/transitions/find-states.ts'
import { find } from '../../../src/transitions/find.ts'
import { listActors } from '../../../src/transitions/list-actors.ts'
import { listFailures } from '../../../src/transitions/list-failures.ts'
import { listInvocations } from '../../../src/transitions/list-invocations.ts'
import { listQueues } from '../../../src/transitions/list-queues.ts'
import { noteTick, recordTick } from '../../../src/transitions/record-tick.ts'
import { jobId } from '../fill.ts'
import { type Case, first } from './case.ts'

/** The ids of four jobs of each state. */
const fourOfEach = Object.values(first).flatMap((number) => [0, 1, 2, 3].map((n) => jobId(number + n)))

export const lists: readonly Case[] = [
  {
    name: 'find',
    of: (dialect) => find(dialect, { ids: fourOfEach }),
    max: 24,
    answers: 24,
  },
  {
    name: 'find states',
    of: (dialect) => findStates(dialect, { ids: fourOfEach }),
    max: 24,
    answers: 24,
  },
  {
    name: 'find ids',
    of: (dialect) =>
      findIds(dialect, {
        first: jobId(first.ready),
        last: jobId(first.ready + 100),
        max: 6,
      }),
    max: 6,
    answers: 6,
  },
  {
    name: 'find faults',
    of: (dialect) => findFaults(dialect, { max: 20 }),
    max: 20,
    answers: 0,
  },
  { name: 'read the schema', of: readSchema, max: 1, answers: 1 },
  {
    name: 'list queues',
    of: (dialect) => listQueues(dialect, { after: '', max: 20, queues: 100 }),
    // A step for each priority of each queue.
    max: 22,
    queues: 5,
    answers: 'one a queue',
  },
  {
    name: 'list failures',
    of: (dialect) => listFailures(dialect, { max: 5, kinds: 100 }),
    // What is counted of each kind, twice, and a step for each.
    max: 15,
    queues: 51,
    answers: 'one a kind',
  },
  { name: 'explain', of: (dialect) => facts(dialect, { id: jobId(first.claimed) }), max: 1, answers: 1 },
  { name: 'count invocations', of: countInvocations, max: 1, answers: 1 },
  { name: 'list invocations', of: (dialect) => listInvocations(dialect, { max: 100 }), max: 40, answers: 30 },
  { name: 'list actors', of: listActors, max: 10, answers: 1 },
  { name: 'note a tick', of: (dialect) => noteTick(dialect, { actor: 'x' }), max: 1, answers: 1 },
  { name: 'record a tick', of: (dialect) => recordTick(dialect, { actor: 'x', report: '{}' }), max: 0, answers: 1 },
]

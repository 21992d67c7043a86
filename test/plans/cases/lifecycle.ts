import type { Ending } from '../../../src/dialects/moves.ts'

import { clear } from '../../../src/transitions/clear.ts'
import { dispatch } from '../../../src/transitions/dispatch.ts'
import { enqueue } from '../../../src/transitions/enqueue.ts'
import { prune } from '../../../src/transitions/prune.ts'
import { settle } from '../../../src/transitions/settle.ts'
import { endingOf } from '../../support/claims.ts'
import { invocations, jobId } from '../fill.ts'
import { type Case, day, first, newJob, twenty } from './case.ts'

/** A job that the live invocation holds, and how it ended. */
export function endingAt(index: number): Ending {
  const kind = (['succeeded', 'retried', 'failed', 'released'] as const)[index % 4] ?? 'failed'
  return endingOf({
    id: jobId(first.claimed + index),
    kind,
    result: kind === 'succeeded' ? '{"status":200}' : null,
    error: kind === 'retried' || kind === 'failed' ? '{"name":"Error","message":"no","stack":null,"attempt":1}' : null,
    fingerprint: kind === 'failed' ? '0bad0bad' : null,
    delayMs: 60_000,
    spent: kind !== 'released',
  })
}

export const lifecycle: readonly Case[] = [
  { name: 'enqueue', of: (dialect) => enqueue(dialect, { jobs: twenty(newJob) }), max: 20, answers: 10 },
  { name: 'dispatch 20', of: (dialect) => dispatch(dialect, { max: 20 }), max: 20, answers: 20 },
  { name: 'dispatch 500', of: (dialect) => dispatch(dialect, { max: 500 }), max: 500, answers: 500 },
  { name: 'prune', of: (dialect) => prune(dialect, { max: 50 }), max: 20, answers: 20 },
  ...[20, 500].flatMap((max): Case[] => [
    {
      name: `clear ${max} finished`,
      of: (dialect) => clear(dialect, { state: 'finished', olderThanMs: day, max }),
      max,
      answers: max,
    },
    {
      name: `clear ${max} failed`,
      of: (dialect) => clear(dialect, { state: 'failed', olderThanMs: day, max }),
      max,
      answers: max,
      walks: ['steadytick_failed_for_clearing'],
    },
  ]),
  {
    name: 'settle',
    of: (dialect) => settle(dialect, { invocationId: invocations.live, endings: twenty(endingAt) }),
    max: 20,
    answers: 20,
  },
]

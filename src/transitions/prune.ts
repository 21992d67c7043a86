import type { Dialect } from '../dialects/dialect.ts'
import type { PrunedJob } from '../dialects/moves.ts'
import { fingerprintOf } from '../job/fingerprint.ts'
import { ofMove, type Transition } from './transition.ts'

/** All lost jobs of a task are alike. */
const fingerprint = fingerprintOf({ name: 'ProcessPrunedError', message: '' })

/**
 * Settles the jobs of invocations whose lease expired, at most `max` invocations, and the claims whose invocation is
 * gone: each by its `onLost`. With `retry`, a job runs again until its third loss. Two pruners at once settle each job
 * once.
 *
 * Reads: the settled jobs.
 */
export function prune(dialect: Dialect, { max }: { max: number }): Transition<readonly PrunedJob[]> {
  return ofMove(dialect.moves.prune(dialect.bind, { max, fingerprint }), {
    locks: [{ of: 'lost', max }],
    idempotent: true,
  })
}

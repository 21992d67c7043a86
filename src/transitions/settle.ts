import type { Dialect } from '../dialects/dialect.ts'
import type { Ending, Key } from '../dialects/moves.ts'
import { type Transition, transition } from './transition.ts'

/**
 * Whether an ending took effect. `stale`: another tick had settled the job, and nothing was written. `unknown`: the
 * batch was sent twice, and the first try may have settled the job. `cancelled`: the job had been cancelled, so it is
 * finished instead of running again.
 */
export type Settled = 'settled' | 'cancelled' | 'stale' | 'unknown'

/**
 * Ends claims: succeeded → finished; failed, with attempts left → scheduled at its backoff; failed for good → failed;
 * released → ready; cancelled → finished. The permit of a limited job goes to the next job of its key, in the same
 * batch. Fenced: an ending takes effect only while the claim, of that number, is still this invocation's.
 *
 * Reads: job id → whether the ending took effect.
 *
 * @param keys the keys of the limited jobs
 */
export function settle(
  dialect: Dialect,
  { invocationId, endings, keys = [] }: { invocationId: string; endings: readonly Ending[]; keys?: readonly Key[] },
): Transition<ReadonlyMap<string, Settled>> {
  const limited = keys.length > 0
  const move = dialect.moves.settle(dialect.bind, { invocationId, endings, limited })
  return transition({
    locks: limited ? [{ of: 'own', invocationId, keys }] : [],
    idempotent: true,
    steps: move.steps,
    read: (results, { resent }) => {
      const own = move.read(results)
      return new Map(
        endings.map(({ id, kind }) => {
          const cancelled = own.get(id)
          if (cancelled === undefined) return [id, resent ? 'unknown' : 'stale']
          return [id, cancelled && (kind === 'retried' || kind === 'released') ? 'cancelled' : 'settled']
        }),
      )
    },
  })
}

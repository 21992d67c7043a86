import { bringBackLeases } from '../../../src/transitions/bring-back.ts'
import { retireWithTombstone, listen, renew, retire, writeProgress } from '../../../src/transitions/lease.ts'
import { combine } from '../../../src/transitions/transition.ts'
import { invocations, jobId } from '../fill.ts'
import { type Case, first, twenty } from './case.ts'

export const leases: readonly Case[] = [
  {
    name: 'renew, with progress',
    of: (dialect) =>
      combine({
        reported: writeProgress(dialect, {
          invocationId: invocations.live,
          reports: twenty((index) => ({ id: jobId(first.claimed + index), progress: '0.5' })),
        }),
        renewed: renew(dialect, { invocationId: invocations.live, leaseMs: 300_000 }),
        heard: listen(dialect, { invocationId: invocations.live }),
      }),
    max: 20,
    answers: 1,
  },
  { name: 'bring leases back', of: bringBackLeases, max: 1, answers: 0 },
  { name: 'listen', of: (dialect) => listen(dialect, { invocationId: invocations.live }), max: 20, answers: 1 },
  {
    name: 'retireWithTombstone',
    of: (dialect) => retireWithTombstone(dialect, { invocationId: jobId(1) }),
    max: 1,
    answers: 1,
  },
  { name: 'retire', of: (dialect) => retire(dialect, { invocationId: invocations.live }), max: 0, answers: 0 },
]

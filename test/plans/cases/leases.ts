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
          processId: invocations.live,
          reports: twenty((index) => ({ id: jobId(first.claimed + index), progress: '0.5' })),
        }),
        renewed: renew(dialect, { processId: invocations.live, leaseMs: 300_000 }),
        heard: listen(dialect, { processId: invocations.live }),
      }),
    max: 20,
    answers: 1,
  },
  { name: 'bring leases back', of: bringBackLeases, max: 1, answers: 0 },
  { name: 'listen', of: (dialect) => listen(dialect, { processId: invocations.live }), max: 20, answers: 1 },
  {
    name: 'retireWithTombstone',
    of: (dialect) => retireWithTombstone(dialect, { processId: jobId(1) }),
    max: 1,
    answers: 1,
  },
  { name: 'retire', of: (dialect) => retire(dialect, { processId: invocations.live }), max: 0, answers: 0 },
]

import type { NewJob } from '../dialects/moves.ts'

/** UTF-16 units of JSON that one batch stores at most. As UTF-8 each is 3 bytes at worst, and D1 takes parameters up to 2 MB. */
export const maxUnits = 600_000

/** What a job takes of them: its payload, and as much as its other columns usually do. */
export const unitsOf = ({ payload, payloadMeta }: Pick<NewJob, 'payload' | 'payloadMeta'>): number =>
  payload.length + (payloadMeta?.length ?? 0) + 300

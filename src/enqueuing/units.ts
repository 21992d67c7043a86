import type { NewJob } from '../dialects/moves.ts'

/**
 * UTF-16 units of JSON that one batch stores at most. Each unit is at worst 3 bytes of UTF-8, and D1 takes parameters
 * up to 2 MB.
 */
export const maxUnits = 600_000

/** The units of a job: its payload, and the usual size of its other columns. */
export const unitsOf = ({ payload, payloadMeta }: Pick<NewJob, 'payload' | 'payloadMeta'>): number =>
  payload.length + (payloadMeta?.length ?? 0) + 300

import type { Result } from '../dialects/query.ts'

/** Reads the ids of the jobs that a statement answered. */
export const idsOf = ({ rows }: Result): readonly string[] => rows.map((row) => String(row['job_id']))

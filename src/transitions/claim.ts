import type { Dialect } from '../dialects/dialect.ts'
import type { ClaimInput, QueueSelection } from '../dialects/moves.ts'
import { toDate } from '../dialects/query.ts'
import { matches, preferenceOf, type QueuePatterns } from '../job/queue-patterns.ts'
import { behindName, rangeOf } from '../job/queue-ranges.ts'
import { type Transition, transition } from './transition.ts'

/** A job that an invocation holds, with all that its performing needs. */
export interface ClaimedJob {
  readonly id: string
  /** The number of the invocation's claim that took the job. */
  readonly claim: number
  readonly queue: string
  readonly task: string
  /** JSON text. */
  readonly payload: string
  /** JSON text; null for plain JSON. */
  readonly payloadMeta: string | null
  readonly priority: number
  /** Performings that ended before this one. */
  readonly attempts: number
  readonly maxAttempts: number
  readonly releases: number
  readonly enqueuedAt: Date
  readonly scheduledAt: Date
  /** Null: the job is not limited. */
  readonly concurrency: { readonly key: string; readonly limit: number } | null
}

/**
 * Claims ready jobs for an invocation: at most `max`, by the order of its queues, then priority, then id. Any number of
 * ticks may claim at once; each job goes to one of them. Nothing is claimed from a paused queue, after the invocation's
 * lease, or, at its first claim, while `maxInvocations` other invocations of its worker live. The count of invocations
 * is exact: first claims of one worker wait for each other, on the key `worker:<name>`.
 *
 * The order is exact among all jobs for names, and for `*` while nothing is paused. The queues of a prefix, or of `*`
 * while some are paused, may be too many to look at: the order is then exact among the first jobs of all queues and,
 * behind these, among the jobs of the queues looked at, which are the first ones behind the name `after`.
 *
 * Reads: the claimed jobs, in that order. The same claim sent again claims nothing more and reads the same jobs.
 */
export function claim(
  dialect: Dialect,
  { patterns, after = '', ...input }: Omit<ClaimInput, 'queues'> & { patterns: QueuePatterns; after?: string },
): Transition<readonly ClaimedJob[]> {
  const move = dialect.moves.claim(dialect.bind, { ...input, queues: selectionOf(patterns, after) })
  return transition({
    locks: input.first ? [{ of: 'keys', keys: [{ key: `worker:${input.worker}`, limit: null, jobId: null }] }] : [],
    idempotent: true,
    steps: move.steps,
    read: (results) =>
      move
        .read(results)
        .map((row): ClaimedJob => ({
          id: String(row['id']),
          claim: input.claim,
          queue: String(row['queue_name']),
          task: String(row['task_name']),
          payload: String(row['payload']),
          payloadMeta: row['payload_meta'] as string | null,
          priority: Number(row['priority']),
          attempts: Number(row['attempts']),
          maxAttempts: Number(row['max_attempts']),
          releases: Number(row['releases']),
          enqueuedAt: toDate(row['enqueued_at']) as Date,
          scheduledAt: toDate(row['scheduled_at']) as Date,
          concurrency:
            row['concurrency_key'] === null
              ? null
              : { key: String(row['concurrency_key']), limit: Number(row['concurrency_limit']) },
        }))
        .sort(
          (a, b) =>
            (preferenceOf(patterns, a.queue) ?? 0) - (preferenceOf(patterns, b.queue) ?? 0) ||
            b.priority - a.priority ||
            (a.id < b.id ? -1 : 1),
        ),
  })
}

function selectionOf({ entries }: QueuePatterns, after: string): QueueSelection {
  const names = entries.flatMap((entry) => (entry.kind === 'name' ? [entry.name] : []))
  if (names.length === entries.length) return { kind: 'names', names }
  const ranges = entries.map((entry) => {
    const range = rangeOf(entry)
    return { ...range, start: matches(entry, after) ? behindName(after) : range.low }
  })
  return { kind: entries.length === 1 && entries[0]?.kind === 'all' ? 'all' : 'ranges', ranges }
}

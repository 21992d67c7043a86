import type { Dialect } from '../../../src/dialects/dialect.ts'
import type { Scene } from '../stores.ts'

/** Those in which jobs are of few queues. */
const ofFewQueues = (analyzed: readonly Scene['analyzed'][]): Scene[] =>
  (['varied', 'alike'] as const).flatMap((shape) => analyzed.map((when) => ({ shape, analyzed: when })))

/** Plans that are not good yet, and why: these cases are not tried there. An entry goes when its statement is repaired. */
export const leftOut: readonly {
  readonly dialect: Dialect['name']
  readonly scenes: readonly Scene[]
  readonly cases: RegExp
  readonly reason: string
}[] = [
  ...(['postgres', 'sqlite'] as const).map((dialect) => ({
    dialect,
    scenes: ofFewQueues(['never', 'on a quiet day', 'now']),
    cases: /^find faults$/,
    reason: 'It looks for what no index expects, at every job. An operator asks for it, never a tick.',
  })),
  {
    dialect: 'postgres',
    scenes: [
      { shape: 'alike', analyzed: 'on a quiet day' },
      { shape: 'varied', analyzed: 'on a quiet day' },
    ],
    cases: /^dispatch 500$/,
    reason: 'Until autovacuum sees that the table grew, a scan and a sort look cheaper than 500 rows by index.',
  },
  {
    dialect: 'postgres',
    scenes: [
      { shape: 'alike', analyzed: 'on a quiet day' },
      { shape: 'alike', analyzed: 'now' },
      { shape: 'varied', analyzed: 'on a quiet day' },
    ],
    cases: /^list queues$/,
    reason:
      'Where all ready jobs are alike, or were, the planner finds the next job of a priority, and counts those of a queue, by other indexes. It is asked by people, not by ticks.',
  },
  {
    dialect: 'postgres',
    scenes: ofFewQueues(['never', 'on a quiet day', 'now']),
    cases: /^(keys to repair|repair|list keys$|holders)/,
    reason:
      'Every key is looked at, some microseconds each, and a few pages of permits are as cheap to read whole. They are asked for by maintenance and people.',
  },
  {
    dialect: 'postgres',
    scenes: [{ shape: 'tenants', analyzed: 'on a quiet day' }],
    cases: /^list keys, behind/,
    reason: 'Until autovacuum sees that the permits grew, their few pages are as cheap to read whole.',
  },
  {
    dialect: 'postgres',
    scenes: ofFewQueues(['never', 'on a quiet day']),
    cases: /^page of (ready|scheduled|blocked|failed|finished).*, continued$/,
    reason:
      'Until autovacuum has seen that the table grew, a bitmap and a sort of what is behind the cursor look cheaper than the index in its order. It is asked by people, not by ticks.',
  },
  {
    dialect: 'postgres',
    scenes: ofFewQueues(['never']),
    cases: /^clear occurrences$/,
    reason:
      'Without statistics, a bitmap and a sort of the occurrences of one key look cheaper than the index in its order.',
  },
  {
    dialect: 'sqlite',
    scenes: [
      { shape: 'alike', analyzed: 'on a quiet day' },
      { shape: 'tenants', analyzed: 'on a quiet day' },
    ],
    cases: /^(claim|dispatch|run now|discard|cancel)/,
    reason:
      'Statistics that know a job by its queue and priority, or by its instant, look it up by these alone: all jobs of one queue and priority, or of one instant, are read.',
  },
]

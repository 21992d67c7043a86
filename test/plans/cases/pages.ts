import type { Dialect } from '../../../src/dialects/dialect.ts'
import type { JobState } from '../../../src/job/job.ts'
import { countEnded } from '../../../src/transitions/clear.ts'
import { countJobs } from '../../../src/transitions/count-jobs.ts'
import { type Cursor, type Meant, page } from '../../../src/transitions/page.ts'
import { hotKey, jobId } from '../fill.ts'
import { type Case, day, first } from './case.ts'

const every = { queue: null, task: null, fingerprint: null, recurring: null, since: null, until: null }

export const pageOf =
  (meant: Partial<Meant> & Pick<Meant, 'state'>, afterOf: (dialect: Dialect) => Cursor | null): Case['of'] =>
  (dialect) =>
    page(dialect, { ...every, ...meant }, { after: afterOf(dialect), max: 20 })

/** The keys of a row that is not at the beginning of its table. */
function middleOf({ name }: Dialect, state: JobState): Cursor {
  const ago = (ms: number) => String((Date.now() - ms) * (name === 'sqlite' ? 1 : 1000))
  switch (state) {
    case 'ready':
      return ['default', '0', jobId(first.ready + 7)]
    case 'scheduled':
      return [ago(1_800_000), '0', jobId(first.scheduled + 7)]
    case 'blocked':
      return [hotKey, '0', jobId(first.blocked + 8)]
    case 'finished':
      return [ago(day), jobId(first.finished + 5000)]
    default:
      return [jobId(first[state] + (state === 'claimed' ? 7 : 5000))]
  }
}

/** A page begins where its table does, and ends at its limit. */
const walksOf: Record<JobState, readonly string[]> = {
  finished: ['steadytick_jobs_by_end'],
  claimed: ['steadytick_claimed_executions'],
  ready: ['steadytick_ready_executions'],
  scheduled: ['steadytick_scheduled_executions'],
  blocked: ['steadytick_blocked_executions'],
  failed: ['steadytick_failed_executions'],
}

export const pages: readonly Case[] = [
  ...(['ready', 'scheduled', 'blocked', 'claimed', 'failed', 'finished'] as const).map((state): Case => ({
    name: `page of ${state}`,
    of: pageOf({ state }, () => null),
    max: 20,
    answers: 20,
    walks: walksOf[state],
  })),
  ...(['ready', 'scheduled', 'blocked', 'claimed', 'failed', 'finished'] as const).map((state): Case => ({
    name: `page of ${state}, continued`,
    of: pageOf({ state }, (dialect) => middleOf(dialect, state)),
    max: 20,
    // Each key is a range of its own.
    queues: 3,
    answers: 20,
    walks: walksOf[state],
  })),
  {
    name: 'page of ready, of a queue',
    of: pageOf({ state: 'ready', queue: 'default' }, () => null),
    max: 20,
    answers: 20,
  },
  {
    name: 'page of ready, of a queue, continued',
    of: pageOf({ state: 'ready', queue: 'default' }, (dialect) => middleOf(dialect, 'ready').slice(1)),
    max: 20,
    queues: 2,
    answers: 20,
  },
  {
    name: 'page of failed, of a kind',
    of: pageOf({ state: 'failed', fingerprint: 'deliver/0' }, () => null),
    max: 20,
    answers: 20,
  },
  {
    name: 'page of failed, of a kind, continued',
    of: pageOf({ state: 'failed', fingerprint: 'deliver/0' }, (dialect) => middleOf(dialect, 'failed')),
    max: 20,
    answers: 20,
  },
  {
    name: 'count',
    of: (dialect) => countJobs(dialect, { max: 20 }),
    max: 21,
    answers: 1,
    walks: ['steadytick_failed_for_clearing', ...Object.values(walksOf).flat()],
  },
  ...(['finished', 'failed'] as const).map((state): Case => ({
    name: `count what to clear of ${state}`,
    of: (dialect) => countEnded(dialect, { state, olderThanMs: day, max: 20 }),
    max: 21,
    answers: 1,
    walks: ['steadytick_failed_for_clearing'],
  })),
]

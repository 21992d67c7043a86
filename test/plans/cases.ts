import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Ending, NewJob } from '../../src/dialects/moves.ts'
import { parseQueuePatterns } from '../../src/job/queue-patterns.ts'
import { bringBackLeases } from '../../src/transitions/bring-back.ts'
import { cancel } from '../../src/transitions/cancel.ts'
import { claim } from '../../src/transitions/claim.ts'
import {
  createRecurring,
  deleteRecurring,
  disableRecurring,
  editRecurring,
  enableRecurring,
} from '../../src/transitions/change-recurring.ts'
import { clear, countEnded } from '../../src/transitions/clear.ts'
import { clearOccurrences } from '../../src/transitions/clear-occurrences.ts'
import { countJobs } from '../../src/transitions/count-jobs.ts'
import { discard } from '../../src/transitions/discard.ts'
import type { JobState } from '../../src/job/job.ts'
import { deploymentOf } from '../../src/recurring/deployment.ts'
import type { NewRecurringTask } from '../../src/recurring/recurring-task.ts'
import { dispatch } from '../../src/transitions/dispatch.ts'
import { enqueue } from '../../src/transitions/enqueue.ts'
import { countInvocations, facts } from '../../src/transitions/facts.ts'
import { find } from '../../src/transitions/find.ts'
import { listen, renew, retire, retireWithTombstone } from '../../src/transitions/lease.ts'
import { listActors } from '../../src/transitions/list-actors.ts'
import { listFailures } from '../../src/transitions/list-failures.ts'
import { listInvocations } from '../../src/transitions/list-invocations.ts'
import { holdersOfJob, listHolders, listKeys } from '../../src/transitions/list-keys.ts'
import { listOccurrences } from '../../src/transitions/list-occurrences.ts'
import { findRecurring, listDue, listRecurring } from '../../src/transitions/list-recurring.ts'
import { listQueues } from '../../src/transitions/list-queues.ts'
import { look } from '../../src/transitions/look.ts'
import { keysToMend, mend } from '../../src/transitions/mend.ts'
import { type Advance, advance, enqueueRecorded, recordOccurrences } from '../../src/transitions/occur.ts'
import { type Cursor, type Meant, page } from '../../src/transitions/page.ts'
import { pause, resume } from '../../src/transitions/pause.ts'
import { prune } from '../../src/transitions/prune.ts'
import { noteTick, recordTick } from '../../src/transitions/record-tick.ts'
import { retry } from '../../src/transitions/retry.ts'
import { runNow } from '../../src/transitions/run-now.ts'
import { settle } from '../../src/transitions/settle.ts'
import { synchronize } from '../../src/transitions/synchronize.ts'
import { combine, type Transition } from '../../src/transitions/transition.ts'
import { counts, dueSince, firstOf, hotKey, invocations, jobId } from './fill.ts'
import type { Scene } from './stores.ts'

export interface Case {
  readonly name: string
  readonly of: (dialect: Dialect) => Transition<unknown>
  /** Jobs that are asked for: what a step may read of a growing table follows from this, never from what is stored. */
  readonly max: number
  /** Queues whose first `max` jobs may be read, to choose among them. Default 1. */
  readonly queues?: number
  /** Rows that the last statement answers or affects, so that a case does what its name says. */
  readonly answers: number | 'one a queue' | 'one a kind'
  /** A queue that is paused. */
  readonly paused?: string
  /** The shape of jobs that it is for. Default: those of few queues. */
  readonly shape?: 'tenants'
  /** SQLite: indexes that are walked from their beginning until a LIMIT stops it. */
  readonly walks?: readonly string[]
}

const first = firstOf(counts)
const recurring = (key: string): NewRecurringTask => ({
  key,
  taskName: 'greet',
  schedule: '0 * * * *',
  timeZone: 'UTC',
  payload: 'null',
  payloadMeta: null,
  queueName: null,
  priority: null,
  catchUp: 'latest',
  description: null,
})
const deployment = deploymentOf(
  Array.from({ length: 20 }, (_, index) => recurring(`task-${index}`)),
  ['greet'],
)
const day = 86_400_000
const twenty = <T>(make: (index: number) => T): T[] => Array.from({ length: 20 }, (_, index) => make(index))

const claimFrom =
  (queues: readonly string[], more: Partial<Parameters<typeof claim>[1]> = {}): Case['of'] =>
  (dialect) =>
    claim(dialect, {
      processId: '0190a5f0-0000-7000-9000-000000000009',
      claim: 1,
      first: true,
      worker: 'default',
      name: 'host:9',
      leaseMs: 300_000,
      maxInvocations: 10,
      max: 10,
      patterns: parseQueuePatterns(queues),
      ...more,
    })

const lookFor =
  (workers: Readonly<Record<string, readonly string[]>>): Case['of'] =>
  (dialect) =>
    look(
      dialect,
      deployment,
      Object.entries(workers).map(([name, queues]) => ({ name, patterns: parseQueuePatterns(queues) })),
    )

/** A job that the live invocation holds, and how it ended. */
function endingOf(index: number): Ending {
  const kind = (['succeeded', 'retried', 'failed', 'released'] as const)[index % 4] ?? 'failed'
  return {
    id: jobId(first.claimed + index),
    claim: 1,
    kind,
    result: kind === 'succeeded' ? '{"status":200}' : null,
    resultMeta: null,
    progress: null,
    error: kind === 'retried' || kind === 'failed' ? '{"name":"Error","message":"no","stack":null,"attempt":1}' : null,
    fingerprint: kind === 'failed' ? '0bad0bad' : null,
    delayMs: 60_000,
    spent: kind !== 'released',
    whole: false,
  }
}

/** Every other one is due later. */
function newJob(index: number): NewJob {
  return {
    id: `0190a5f1-0000-7000-8000-${String(index).padStart(12, '0')}`,
    queueName: 'default',
    taskName: 'deliver',
    payload: '{}',
    payloadMeta: null,
    priority: 0,
    maxAttempts: 3,
    onLost: 'retry',
    concurrency: null,
    recurring: null,
    runAtMs: null,
    delayMs: index % 2 === 0 ? 0 : 60_000,
  }
}

/** Every other one has a key that is full, every fourth is due later. */
function newLimitedJob(index: number): NewJob {
  const key = index % 2 === 0 ? hotKey : `deliver/new ${index}`
  return {
    ...newJob(0),
    id: `0190a5f1-0000-7000-8000-${String(index).padStart(12, '0')}`,
    delayMs: index % 4 === 3 ? 60_000 : 0,
    concurrency: { key, limit: 1, durationMs: 300_000, onConflict: 'block' },
  }
}

const advances = (): Advance[] =>
  twenty((index) => ({
    key: `task-${index}`,
    from: dueSince,
    to: new Date(dueSince.getTime() + 3_600_000),
    occurrences: [{ runAt: dueSince, job: newJob(index) }],
  }))

/** What a tick does about recurring tasks that are due, in one batch. */
const occur = (dialect: Dialect): Transition<unknown> => {
  const due = advances()
  const combined = combine(recordOccurrences(dialect, due), enqueueRecorded(dialect, due), advance(dialect, due))
  return { ...combined, read: () => undefined }
}

const twentyOf = (state: keyof typeof first) => twenty((index) => jobId(first[state] + index))

const every = { queue: null, task: null, fingerprint: null, recurring: null, since: null, until: null }

const pageOf =
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

const walkOfReady = ['steadytick_ready_for_claim']

/** What a claim by ranges looks at first, and where that ends. */
const rangesMax = 1000 + 20 * 10 + 1

export const cases: readonly Case[] = [
  { name: 'claim *', of: claimFrom(['*']), max: 10, answers: 10, walks: walkOfReady },
  {
    name: 'claim * once more',
    of: claimFrom(['*'], { processId: invocations.live, claim: 2, first: false }),
    max: 10,
    answers: 10,
    walks: walkOfReady,
  },
  {
    name: 'claim *, sent again',
    of: claimFrom(['*'], { processId: invocations.live, claim: 1, first: false }),
    max: 20,
    answers: 20,
    walks: walkOfReady,
  },
  {
    name: 'claim *, at maxInvocations',
    of: claimFrom(['*'], { maxInvocations: 1 }),
    max: 10,
    answers: 0,
    walks: walkOfReady,
  },
  {
    name: 'claim *, while a queue is paused',
    of: claimFrom(['*']),
    max: rangesMax,
    answers: 10,
    paused: 'mail',
    walks: walkOfReady,
  },
  { name: 'claim names', of: claimFrom(['mail', 'none', 'default']), max: 10, answers: 10 },
  { name: 'claim names, one of them paused', of: claimFrom(['mail', 'default']), max: 10, answers: 10, paused: 'mail' },
  {
    name: 'claim prefixes',
    of: claimFrom(['imports', 'web-*', 'def*']),
    max: rangesMax,
    queues: 2,
    answers: 10,
    walks: walkOfReady,
  },
  {
    name: 'claim prefixes, one of them paused',
    of: claimFrom(['ma*', 'web-*', '*']),
    max: rangesMax,
    queues: 3,
    answers: 10,
    paused: 'mail',
    walks: walkOfReady,
  },
  { name: 'dispatch 20', of: (dialect) => dispatch(dialect, { max: 20 }), max: 20, answers: 20 },
  { name: 'dispatch 500', of: (dialect) => dispatch(dialect, { max: 500 }), max: 500, answers: 500 },
  { name: 'prune', of: (dialect) => prune(dialect, { max: 50 }), max: 20, answers: 20 },
  ...[20, 500].flatMap((max): Case[] => [
    {
      name: `clear ${max} finished`,
      of: (dialect) => clear(dialect, { state: 'finished', olderThanMs: day, max }),
      max,
      answers: max,
    },
    {
      name: `clear ${max} failed`,
      of: (dialect) => clear(dialect, { state: 'failed', olderThanMs: day, max }),
      max,
      answers: max,
      walks: ['steadytick_failed_for_clearing'],
    },
  ]),
  {
    name: 'settle',
    of: (dialect) => settle(dialect, { processId: invocations.live, endings: twenty(endingOf) }),
    max: 20,
    answers: 20,
  },
  {
    name: 'find',
    of: (dialect) =>
      find(dialect, { ids: Object.values(first).flatMap((number) => [0, 1, 2, 3].map((n) => jobId(number + n))) }),
    max: 24,
    answers: 24,
  },
  { name: 'look', of: (dialect) => look(dialect, deployment), max: 1, answers: 1 },
  {
    name: 'look for workers',
    of: lookFor({ all: ['*'], few: ['none', 'mail', 'default'], prefix: ['d*'], idle: ['none', 'n*'] }),
    // An entry, a step.
    max: 7,
    answers: 3,
  },
  {
    name: 'look for workers, while a queue is paused',
    of: lookFor({ all: ['*'], few: ['default', 'mail'], prefix: ['d*', 'ma*'], idle: ['mail', 'n*'] }),
    // One more step for each entry that finds the paused queue first.
    max: 11,
    answers: 3,
    paused: 'mail',
  },
  {
    name: 'renew, with progress',
    of: (dialect) =>
      renew(dialect, {
        processId: invocations.live,
        leaseMs: 300_000,
        reports: twenty((index) => ({ id: jobId(first.claimed + index), progress: '0.5' })),
      }),
    max: 20,
    answers: 1,
  },
  { name: 'bring leases back', of: bringBackLeases, max: 1, answers: 0 },
  { name: 'listen', of: (dialect) => listen(dialect, { processId: invocations.live }), max: 20, answers: 1 },
  {
    name: 'retire with a tombstone',
    of: (dialect) => retireWithTombstone(dialect, { processId: jobId(1) }),
    max: 1,
    answers: 1,
  },
  { name: 'retire', of: (dialect) => retire(dialect, { processId: invocations.live }), max: 0, answers: 0 },
  {
    name: 'settle, limited',
    of: (dialect) =>
      settle(dialect, {
        processId: invocations.live,
        endings: twenty(endingOf),
        keys: twenty((index) => ({ key: hotKey, limit: 20, jobId: jobId(first.claimed + index) })),
      }),
    max: 20,
    answers: 20,
  },
  {
    name: 'enqueue, limited',
    of: (dialect) => enqueue(dialect, { jobs: twenty(newLimitedJob) }),
    max: 20,
    answers: 15,
  },
  { name: 'keys to mend', of: (dialect) => keysToMend(dialect, { after: '', max: 500 }), max: 600, answers: 0 },
  {
    name: 'mend',
    of: (dialect) => mend(dialect, { keys: twenty((index) => `deliver/${index}`) }),
    max: 20,
    answers: 1,
  },
  { name: 'list keys', of: (dialect) => listKeys(dialect, { after: '', max: 20, counted: 20 }), max: 60, answers: 20 },
  { name: 'holders', of: (dialect) => listHolders(dialect, { key: hotKey, max: 50 }), max: 20, answers: 20 },
  {
    name: 'holders of a job',
    of: (dialect) => holdersOfJob(dialect, { id: jobId(first.blocked), max: 50 }),
    max: 20,
    answers: 20,
  },
  { name: 'enqueue', of: (dialect) => enqueue(dialect, { jobs: twenty(newJob) }), max: 20, answers: 10 },
  { name: 'retry', of: (dialect) => retry(dialect, { ids: twentyOf('failed') }), max: 20, answers: 20 },
  { name: 'run now', of: (dialect) => runNow(dialect, { ids: twentyOf('scheduled') }), max: 20, answers: 20 },
  ...(['ready', 'scheduled', 'blocked', 'failed'] as const).flatMap((state): Case[] => [
    {
      name: `discard ${state}`,
      of: (dialect) => discard(dialect, { ids: twentyOf(state), state }),
      max: 20,
      answers: 20,
    },
    {
      name: `discard ${state}, of any state`,
      of: (dialect) => discard(dialect, { ids: twentyOf(state), state: null }),
      max: 20,
      answers: 20,
    },
  ]),
  ...(['ready', 'scheduled', 'blocked', 'claimed'] as const).flatMap((state): Case[] => [
    {
      name: `cancel ${state}`,
      of: (dialect) => cancel(dialect, { ids: twentyOf(state), state }),
      max: 20,
      answers: 20,
    },
    {
      name: `cancel ${state}, of any state`,
      of: (dialect) => cancel(dialect, { ids: twentyOf(state), state: null }),
      max: 20,
      answers: 20,
    },
  ]),
  { name: 'pause', of: (dialect) => pause(dialect, { queue: 'mail' }), max: 1, answers: 1 },
  { name: 'resume', of: (dialect) => resume(dialect, { queue: 'mail' }), max: 1, answers: 1, paused: 'mail' },
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
  {
    name: 'list queues',
    of: (dialect) => listQueues(dialect, { after: '', max: 20, queues: 100 }),
    // A step for each priority of each queue.
    max: 22,
    queues: 5,
    answers: 'one a queue',
  },
  {
    name: 'list failures',
    of: (dialect) => listFailures(dialect, { max: 5, kinds: 100 }),
    // What is counted of each kind, twice, and a step for each.
    max: 15,
    queues: 51,
    answers: 'one a kind',
  },
  {
    name: 'list due',
    of: (dialect) => listDue(dialect, { served: deployment, after: '', max: 20 }),
    max: 20,
    answers: 20,
  },
  { name: 'occur', of: occur, max: 20, answers: 20 },
  {
    name: 'synchronize',
    of: (dialect) =>
      synchronize(
        dialect,
        deployment,
        deployment.tasks.map((task) => ({ task, next: dueSince })),
      ),
    max: 20,
    // The keys that are taken by others.
    answers: 10,
  },
  { name: 'list recurring', of: (dialect) => listRecurring(dialect, { after: '', max: 100 }), max: 20, answers: 20 },
  { name: 'find recurring', of: (dialect) => findRecurring(dialect, { key: 'task-1' }), max: 1, answers: 1 },
  {
    name: 'list occurrences',
    of: (dialect) => listOccurrences(dialect, { key: 'task-1', max: 20 }),
    max: 20,
    answers: 20,
  },
  {
    name: 'clear occurrences',
    of: (dialect) => clearOccurrences(dialect, { olderThanMs: day, max: 40 }),
    max: 40,
    answers: 40,
  },
  {
    name: 'create recurring',
    of: (dialect) => createRecurring(dialect, { task: recurring('new'), next: dueSince }),
    max: 1,
    answers: 1,
  },
  {
    name: 'edit recurring',
    of: (dialect) => editRecurring(dialect, { task: recurring('task-11'), version: 1, next: dueSince }),
    max: 1,
    answers: 1,
  },
  { name: 'delete recurring', of: (dialect) => deleteRecurring(dialect, { key: 'task-11' }), max: 1, answers: 1 },
  {
    name: 'enable recurring',
    of: (dialect) => enableRecurring(dialect, { key: 'task-11', version: 1, next: dueSince }),
    max: 1,
    answers: 0,
  },
  { name: 'disable recurring', of: (dialect) => disableRecurring(dialect, { key: 'task-11' }), max: 1, answers: 1 },
  { name: 'explain', of: (dialect) => facts(dialect, { id: jobId(first.claimed) }), max: 1, answers: 1 },
  { name: 'count invocations', of: countInvocations, max: 1, answers: 1 },
  { name: 'list invocations', of: (dialect) => listInvocations(dialect, { max: 100 }), max: 40, answers: 30 },
  { name: 'list actors', of: listActors, max: 10, answers: 1 },
  { name: 'note a tick', of: (dialect) => noteTick(dialect, { actor: 'x' }), max: 1, answers: 1 },
  { name: 'record a tick', of: (dialect) => recordTick(dialect, { actor: 'x', report: '{}' }), max: 0, answers: 1 },
  ...(
    [
      {
        name: 'claim a prefix, behind the backlog of another queue',
        of: claimFrom(['tenant-*']),
        max: rangesMax,
        answers: 10,
      },
      {
        name: 'claim a prefix and then the rest',
        of: claimFrom(['tenant-1*', '*']),
        max: rangesMax,
        queues: 2,
        answers: 10,
      },
      {
        name: 'claim *, while the backlog is paused',
        of: claimFrom(['*']),
        max: rangesMax,
        paused: 'bulk',
        answers: 10,
      },
      {
        name: 'claim *, while one of many is paused',
        of: claimFrom(['*']),
        max: rangesMax,
        paused: 'tenant-1',
        answers: 10,
      },
      {
        name: 'look for workers of many queues',
        of: lookFor({ all: ['*'], tenants: ['tenant-*'], idle: ['none', 'n*'] }),
        max: 8,
        paused: 'bulk',
        answers: 2,
      },
      {
        name: 'page of ready, of a small queue',
        of: pageOf({ state: 'ready', queue: 'tenant-7' }, () => null),
        max: 1,
        answers: 1,
      },
      {
        name: 'count of a small queue',
        of: (dialect) => listQueues(dialect, { after: 'tenant-7', max: 20, queues: 20 }),
        max: 22,
        queues: 3,
        answers: 20,
      },
      {
        name: 'list keys, behind many that nothing holds',
        of: (dialect) => listKeys(dialect, { after: '', max: 20, counted: 20 }),
        max: 20,
        // What holds and what waits for each key.
        queues: 20,
        answers: 20,
      },
    ] satisfies Case[]
  ).map((tried): Case => ({ ...tried, shape: 'tenants', walks: walkOfReady })),
]

/** Plans that are not good yet, and why: these cases are not tried there. An entry goes when its statement is mended. */
export const leftOut: readonly {
  readonly dialect: Dialect['name']
  readonly scenes: readonly Scene[]
  readonly cases: RegExp
  readonly reason: string
}[] = [
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
    scenes: (['varied', 'alike'] as const).flatMap((shape) =>
      (['never', 'on a quiet day', 'now'] as const).map((analyzed) => ({ shape, analyzed })),
    ),
    cases: /^(keys to mend|mend|list keys$|holders)/,
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
    scenes: (['varied', 'alike'] as const).flatMap((shape) =>
      (['never', 'on a quiet day'] as const).map((analyzed) => ({ shape, analyzed })),
    ),
    cases: /^page of (ready|scheduled|blocked|failed|finished).*, continued$/,
    reason:
      'Until autovacuum has seen that the table grew, a bitmap and a sort of what is behind the cursor look cheaper than the index in its order. It is asked by people, not by ticks.',
  },
  {
    dialect: 'postgres',
    scenes: (['varied', 'alike'] as const).map((shape) => ({ shape, analyzed: 'never' })),
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

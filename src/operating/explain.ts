import { formatDuration } from '../job/duration.ts'
import { placeOf } from '../job/queue-patterns.ts'
import type { Settings } from '../settings.ts'
import { countInvocations, type Facts, facts } from '../transitions/facts.ts'
import { find, type StoredJob } from '../transitions/find.ts'
import type { Runner } from '../transitions/run.ts'
import { type ListedJob, withoutResult } from './list.ts'

/** Why a job is where it is, and, unless it has ended, why it does not run. */
export interface Explanation {
  readonly job: ListedJob
  /** At least one. What can be done about it comes with it. */
  readonly reasons: readonly Reason[]
}

export interface Reason {
  /** For programs: never reworded, unlike the message. */
  readonly code:
    | 'scheduled'
    | 'due'
    | 'paused'
    | 'unserved'
    | 'busy'
    | 'waiting'
    | 'no-ticks'
    | 'claimed'
    | 'lost'
    | 'cancel-requested'
    | 'failed'
    | 'finished'
  readonly message: string
}

/** Explains a job, in one round trip. Null: there is no such job. */
export async function explainJob(
  { driver: { dialect }, run }: Runner,
  settings: Settings,
  id: string,
): Promise<Explanation | null> {
  const [[stored], known, invocations] = await run(
    find(dialect, { ids: [id] }),
    facts(dialect, { id }),
    countInvocations(dialect),
  )
  if (!stored || !known) return null
  return { job: withoutResult(stored), reasons: reasonsOf(stored, known, settings, invocations) }
}

function reasonsOf(
  job: StoredJob,
  known: Facts,
  settings: Settings,
  invocations: ReadonlyMap<string, number>,
): readonly Reason[] {
  const { attempts, maxAttempts, scheduledAt } = job
  const last = job.errors.at(-1)
  const failure = `after ${attempts} of ${maxAttempts} attempts: ${last?.name}: ${last?.message}`
  switch (job.state) {
    case 'finished': {
      const how = job.outcome === 'cancelled' ? 'was cancelled' : 'succeeded'
      return [{ code: 'finished', message: `It ${how} at ${at(job.finishedAt)}.` }]
    }
    case 'failed':
      return [{ code: 'failed', message: `It failed at ${at(last?.at)}, ${failure}. Retry it, or discard it.` }]
    case 'claimed':
      return [...whilePerformed(job, known)]
    case 'scheduled': {
      if (known.dueMs <= 0)
        return [
          { code: 'due', message: `It was due at ${at(scheduledAt)}: the next tick dispatches it.` },
          ...withoutTicks(known, settings),
        ]
      const wait = formatDuration(Math.ceil(known.dueMs / 1000) * 1000)
      const why = last ? `, ${failure}` : ''
      return [{ code: 'scheduled', message: `It is scheduled for ${at(scheduledAt)}, in ${wait}${why}.` }]
    }
    default:
      return [...whileReady(job, known, settings, invocations), ...withoutTicks(known, settings)]
  }
}

/** A tick of all actors looks each time whether it has to maintain. */
function* withoutTicks({ maintainedMsAgo }: Facts, { maintenanceIntervalMs }: Settings): Generator<Reason> {
  const way = 'Let cron invoke tick().'
  if (maintainedMsAgo === null) yield { code: 'no-ticks', message: `No tick has ever maintained these tables. ${way}` }
  else if (maintainedMsAgo > 2 * maintenanceIntervalMs) {
    const since = formatDuration(Math.floor(maintainedMsAgo / 60_000) * 60_000)
    yield { code: 'no-ticks', message: `No tick has maintained these tables for ${since}. ${way}` }
  }
}

function* whilePerformed({ processId, startedAt }: StoredJob, { claim }: Facts): Generator<Reason> {
  const invocation = claim?.invocation
  if (!invocation) yield { code: 'lost', message: `Invocation ${processId} no longer exists: the next tick prunes it.` }
  else if (invocation.expired)
    yield {
      code: 'lost',
      message: `Invocation ${processId} (${invocation.name}) was lost: its lease expired at ${at(invocation.leaseExpiresAt)}, and the next tick prunes it.`,
    }
  else
    yield {
      code: 'claimed',
      message: `Invocation ${processId} (${invocation.name}) of worker "${invocation.worker}" has performed it since ${at(startedAt)}, under a lease until ${at(invocation.leaseExpiresAt)}.`,
    }
  if (claim?.cancelRequested)
    yield { code: 'cancel-requested', message: 'Somebody has cancelled it: its invocation hears of it within 10 s.' }
}

function* whileReady(
  { queueName }: StoredJob,
  { pausedAt }: Facts,
  { workers }: Settings,
  invocations: ReadonlyMap<string, number>,
): Generator<Reason> {
  if (pausedAt)
    yield { code: 'paused', message: `Its queue "${queueName}" is paused since ${at(pausedAt)}. Resume it.` }
  const serving = [...workers.values()].filter(({ patterns }) => placeOf(patterns, queueName) !== null)
  const full = serving.filter(({ name, maxInvocations }) => (invocations.get(name) ?? 0) >= maxInvocations)
  if (serving.length === 0)
    yield {
      code: 'unserved',
      message: `No worker of this deployment serves its queue "${queueName}". Add it to the queues of one of: ${[...workers.keys()].join(', ')}.`,
    }
  else if (full.length === serving.length)
    yield {
      code: 'busy',
      message: `As many invocations as maxInvocations allows are at work: ${full.map(({ name, maxInvocations }) => `${name} (${maxInvocations})`).join(', ')}.`,
    }
  else if (!pausedAt)
    yield { code: 'waiting', message: 'Nobody has claimed it yet: what is before it in its queue runs first.' }
}

const at = (instant: Date | null | undefined): string => instant?.toISOString() ?? 'an unknown time'

import { formatDuration } from '../job/duration.ts'
import { preferenceOf } from '../job/queue-patterns.ts'
import type { Settings, Worker } from '../settings.ts'
import { countInvocations, type Facts, facts } from '../transitions/facts.ts'
import { find, type StoredJob } from '../transitions/find.ts'
import { type Actors, listActors } from '../transitions/list-actors.ts'
import { type Holder, holdersOfJob } from '../transitions/list-keys.ts'
import type { Runner } from '../transitions/run.ts'
import { type ListedJob, withoutResult } from './list.ts'
import { combine } from '../transitions/transition.ts'

/** Why a job is where it is, and, unless it has ended, why it does not run. */
export interface Explanation {
  readonly job: ListedJob
  /** At least one. Each says what can be done about it. */
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
    | 'blocked'
    | 'ready'
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
  const {
    found: [stored],
    known,
    ...around
  } = await run(
    combine({
      found: find(dialect, { ids: [id] }),
      known: facts(dialect, { id }),
      invocations: countInvocations(dialect),
      actors: listActors(dialect),
      holders: holdersOfJob(dialect, { id, max: 3 }),
    }),
  )
  if (!stored || !known) return null
  return { job: withoutResult(stored), reasons: reasonsOf(stored, known, settings, around) }
}

function reasonsOf(
  job: StoredJob,
  known: Facts,
  settings: Settings,
  {
    invocations,
    actors,
    holders,
  }: { invocations: ReadonlyMap<string, number>; actors: Actors; holders: readonly Holder[] },
): readonly Reason[] {
  const without = (did: string, who: readonly string[]) => withoutTicks(did, who, actors, settings)
  const { attempts, maxAttempts, losses, scheduledAt } = job
  const last = job.errors.at(-1)
  const lost = losses === 0 ? '' : ` and ${losses} lost invocation${losses === 1 ? '' : 's'}`
  const failure = `after ${attempts} of ${maxAttempts} attempts${lost}: ${last?.name}: ${last?.message.replace(/\.$/, '')}`
  switch (job.state) {
    case 'finished': {
      const how = endings[job.outcome ?? 'succeeded']
      return [{ code: 'finished', message: `It ${how} at ${at(job.finishedAt)}.` }]
    }
    case 'failed':
      return [{ code: 'failed', message: `It failed at ${at(last?.at)}, ${failure}. Retry it, or discard it.` }]
    case 'claimed':
      return [...whilePerformed(job, known, () => without('pruned', ['prune']))]
    case 'blocked':
      return [{ code: 'blocked', message: blockedMessage(job, holders) }]
    case 'scheduled': {
      if (known.dueMs <= 0)
        return [
          { code: 'due', message: `It was due at ${at(scheduledAt)}: the next tick dispatches it.` },
          ...without('dispatched', ['dispatch']),
        ]
      const wait = formatDuration(Math.ceil(known.dueMs / 1000) * 1000)
      const why = last ? `, ${failure}` : ''
      return [{ code: 'scheduled', message: `It is scheduled for ${at(scheduledAt)}, in ${wait}${why}.` }]
    }
    default: {
      const serving = [...settings.workers.values()].filter(
        ({ patterns }) => preferenceOf(patterns, job.queue) !== null,
      )
      const workers = serving.map(({ name }) => `work:${name}`)
      return [
        ...whileReady(job, known, { serving, settings, invocations }),
        ...(serving.length === 0 ? [] : without('performed', workers)),
      ]
    }
  }
}

const endings = { succeeded: 'succeeded', cancelled: 'was cancelled', skipped: 'was skipped, since its key was full,' }

function blockedMessage({ concurrencyKey }: StoredJob, holders: readonly Holder[]): string {
  if (holders.length === 0) return `Its key "${concurrencyKey}" is full no more: the next maintenance unblocks it.`
  const who = holders.map(({ id, state, since }) => `job ${id} (${state} since ${at(since)})`).join(', ')
  return `Its key "${concurrencyKey}" is full: it is held by ${who}. It follows when one of them ends, or is cancelled or discarded.`
}

/**
 * A tick rarely records that it ran: for all actors once in each `maintenanceInterval`, for a single actor once a
 * minute.
 */
function* withoutTicks(
  did: string,
  who: readonly string[],
  actors: Actors,
  { maintenanceIntervalMs }: Settings,
): Generator<Reason> {
  const ago = Math.min(...['tick', ...who].map((actor) => actors.get(actor) ?? Number.POSITIVE_INFINITY))
  if (ago <= 2 * maintenanceIntervalMs) return
  const when = Number.isFinite(ago) ? `for ${formatDuration(Math.floor(ago / 60_000) * 60_000)}` : 'here, ever'
  yield { code: 'no-ticks', message: `No tick has ${did} ${when}. Let cron invoke tick().` }
}

function* whilePerformed(
  { invocationId, startedAt }: StoredJob,
  { claim }: Facts,
  withoutPrune: () => Iterable<Reason>,
): Generator<Reason> {
  const invocation = claim?.invocation
  if (!invocation)
    yield { code: 'lost', message: `Invocation ${invocationId} no longer exists: the next tick prunes it.` }
  else if (invocation.expired)
    yield {
      code: 'lost',
      message: `Invocation ${invocationId} (${invocation.name}) was lost: its lease expired at ${at(invocation.leaseExpiresAt)}, and the next tick prunes it.`,
    }
  else
    yield {
      code: 'claimed',
      message: `Invocation ${invocationId} (${invocation.name}) of worker "${invocation.worker}" has performed it since ${at(startedAt)}, under a lease until ${at(invocation.leaseExpiresAt)}.`,
    }
  if (claim?.cancelRequested)
    yield {
      code: 'cancel-requested',
      message: 'It was cancelled: its invocation hears of it within 10 s, unless it was lost.',
    }
  if (!invocation || invocation.expired) yield* withoutPrune()
}

function* whileReady(
  { queue: queueName }: StoredJob,
  { pausedAt }: Facts,
  {
    serving,
    settings: { workers },
    invocations,
  }: { serving: readonly Worker[]; settings: Settings; invocations: ReadonlyMap<string, number> },
): Generator<Reason> {
  if (pausedAt)
    yield { code: 'paused', message: `Its queue "${queueName}" is paused since ${at(pausedAt)}. Resume it.` }
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
    yield {
      code: 'ready',
      message: 'No tick has claimed it yet. The next one does, after what is before it in its queue.',
    }
}

const at = (instant: Date | null | undefined): string => instant?.toISOString() ?? 'an unknown time'

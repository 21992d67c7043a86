import { type Duration, durationMs, durationIssue } from './job/duration.ts'
import { parseQueuePatterns, type QueuePatterns } from './job/queue-patterns.ts'
import { quote } from './job/quote.ts'
import { unknownNames } from './job/unknown-names.ts'
import type { Issue } from './job/issue.ts'

/** How many jobs of which queues an invocation performs at once. A named setting, not a process. */
export interface WorkerOptions {
  /**
   * The queues, in the order of preference: a name, `name*` for all names with that beginning, `*` for all. Default
   * `['*']`.
   */
  readonly queues?: readonly string[] | undefined
  /** Jobs performed at once by one invocation: promises, not threads. Default 10. */
  readonly concurrency?: number | undefined
  /** Invocations of this worker that may perform at once, over all machines. Default 10. */
  readonly maxInvocations?: number | undefined
  /** How long `run`, or a tick that lingers, waits before it looks again. Default 100 ms. */
  readonly pollInterval?: Duration | undefined
}

export interface SettingsOptions {
  /** Default: one, `default`, for all queues. */
  readonly workers?: Readonly<Record<string, WorkerOptions>> | undefined
  /** Jobs dispatched by one batch at most. Default 500. */
  readonly dispatchMax?: number | undefined
  /** Default 60 s. */
  readonly heartbeatInterval?: Duration | undefined
  /** The longest lease: an invocation without a heartbeat for this time counts as lost. Default 5 min. */
  readonly processAliveThreshold?: Duration | undefined
  /** How long before the deadline handlers are told to stop. Default 5 s. */
  readonly shutdownGrace?: Duration | undefined
  /** Default 10 min. */
  readonly maintenanceInterval?: Duration | undefined
  /**
   * How long after its claim a limited job holds its permit at most, where its task has neither a `duration` nor a
   * longer `timeout`. Default 3 min.
   */
  readonly defaultConcurrencyDuration?: Duration | undefined
  /** Whether maintenance repairs concurrency keys. Default true. */
  readonly concurrencyMaintenance?: boolean | undefined
  /** Default true; false: finished jobs are deleted after a minute. */
  readonly preserveFinishedJobs?: boolean | undefined
  /** Default 1 day. */
  readonly clearFinishedJobsAfter?: Duration | undefined
  /** Default null: never. */
  readonly clearFailedJobsAfter?: Duration | null | undefined
  /**
   * How large a payload or a result may be, in bytes of its JSON. Default 1 MiB. The database may take less: D1 takes 2 MB
   * a job, with its payload, result, progress and errors.
   */
  readonly maxPayloadBytes?: number | undefined
}

export interface Worker {
  readonly name: string
  readonly patterns: QueuePatterns
  readonly concurrency: number
  readonly maxInvocations: number
  readonly pollIntervalMs: number
}

export interface Settings {
  readonly workers: ReadonlyMap<string, Worker>
  readonly dispatchMax: number
  readonly heartbeatIntervalMs: number
  readonly processAliveThresholdMs: number
  readonly shutdownGraceMs: number
  readonly maintenanceIntervalMs: number
  readonly defaultConcurrencyDurationMs: number
  readonly concurrencyMaintenance: boolean
  readonly clearFinishedAfterMs: number
  /** Null: never. */
  readonly clearFailedAfterMs: number | null
  readonly maxPayloadBytes: number
}

export const settingNames = [
  'workers',
  'dispatchMax',
  'heartbeatInterval',
  'processAliveThreshold',
  'shutdownGrace',
  'maintenanceInterval',
  'defaultConcurrencyDuration',
  'concurrencyMaintenance',
  'preserveFinishedJobs',
  'clearFinishedJobsAfter',
  'clearFailedJobsAfter',
  'maxPayloadBytes',
] as const satisfies readonly (keyof SettingsOptions)[]

const workerNames = new Set(['queues', 'concurrency', 'maxInvocations', 'pollInterval'])

/** Reads settings, and adds what is wrong with them to `issues`. */
export function readSettings(options: SettingsOptions, issues: Issue[]): Settings {
  const duration = (name: string, value: Duration | undefined, standard: number, least = 1): number => {
    if (value === undefined) return standard
    const issue = durationIssue(value, name)
    const ms = durationMs(value) ?? standard
    if (issue) issues.push(issue)
    else if (ms < least) issues.push({ path: name, message: `${quote(value)} is too short; at least ${least} ms` })
    return ms
  }
  const count = (name: string, value: number | undefined, standard: number, most: number): number => {
    if (value === undefined) return standard
    if (!Number.isInteger(value) || value < 1 || value > most)
      issues.push({ path: name, message: `${quote(value)}; use a whole number from 1 to ${most}` })
    return value
  }

  const workers = Object.entries(options.workers ?? { default: {} }).map(([name, worker]): [string, Worker] => {
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/i.test(name))
      issues.push({
        path: 'workers',
        message: `"${name}"; a name has letters, digits, "_" and "-", and at most 63 of them`,
      })
    issues.push(...unknownNames(worker, workerNames, `workers.${name}.`))
    const { queues = ['*'] } = worker
    const list = Array.isArray(queues) && queues.every((queue) => typeof queue === 'string') ? queues : null
    if (!list) issues.push({ path: `workers.${name}.queues`, message: 'use a list of names' })
    return [
      name,
      {
        name,
        patterns: parseQueuePatterns(list ?? []),
        concurrency: count(`workers.${name}.concurrency`, worker.concurrency, 10, 1000),
        maxInvocations: count(`workers.${name}.maxInvocations`, worker.maxInvocations, 10, 10_000),
        pollIntervalMs: duration(`workers.${name}.pollInterval`, worker.pollInterval, 100, 10),
      },
    ]
  })
  if (workers.length === 0) issues.push({ path: 'workers', message: 'none; leave it out for one worker of all queues' })

  const heartbeatIntervalMs = duration('heartbeatInterval', options.heartbeatInterval, 60_000, 100)
  const processAliveThresholdMs = duration('processAliveThreshold', options.processAliveThreshold, 300_000, 1000)
  if (heartbeatIntervalMs * 2 > processAliveThresholdMs)
    issues.push({
      path: 'heartbeatInterval',
      message: `${heartbeatIntervalMs} ms is more than half of processAliveThreshold, ${processAliveThresholdMs} ms; one late heartbeat would lose the lease`,
    })
  const preserve = options.preserveFinishedJobs ?? true
  return {
    workers: new Map(workers),
    dispatchMax: count('dispatchMax', options.dispatchMax, 500, 10_000),
    heartbeatIntervalMs,
    processAliveThresholdMs,
    shutdownGraceMs: duration('shutdownGrace', options.shutdownGrace, 5000, 0),
    maintenanceIntervalMs: duration('maintenanceInterval', options.maintenanceInterval, 600_000),
    defaultConcurrencyDurationMs: duration('defaultConcurrencyDuration', options.defaultConcurrencyDuration, 180_000),
    concurrencyMaintenance: options.concurrencyMaintenance ?? true,
    // A job that is not preserved stays a minute, so that an enqueue that is sent again finds it.
    clearFinishedAfterMs: preserve
      ? duration('clearFinishedJobsAfter', options.clearFinishedJobsAfter, 86_400_000, 60_000)
      : 60_000,
    clearFailedAfterMs:
      options.clearFailedJobsAfter == null
        ? null
        : duration('clearFailedJobsAfter', options.clearFailedJobsAfter, 0, 60_000),
    maxPayloadBytes: count('maxPayloadBytes', options.maxPayloadBytes, 1_048_576, 67_108_864),
  }
}

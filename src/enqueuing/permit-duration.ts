import { formatDuration } from '../job/duration.ts'
import type { DefinedTask } from '../job/defined-task.ts'
import type { Settings } from '../settings.ts'
import type { Issue } from '../job/issue.ts'

type Limited = Pick<DefinedTask, 'name' | 'concurrency' | 'timeoutMs'>
/** The settings of a queue that concern permits. */
export type PermitSettings = Pick<Settings, 'defaultConcurrencyDurationMs' | 'shutdownGraceMs'>

/** How long a performing may take, with the grace in which its end is settled; 0: the task has no timeout. */
const longestMs = ({ timeoutMs }: Limited, { shutdownGraceMs }: PermitSettings): number =>
  timeoutMs === null ? 0 : timeoutMs + shutdownGraceMs

/** How long a job of the task holds its permit after its claim, at most, in ms. */
export function permitMs(task: Limited, settings: PermitSettings): number {
  return task.concurrency?.durationMs ?? Math.max(settings.defaultConcurrencyDurationMs, longestMs(task, settings))
}

/**
 * The issue of the `duration` that a task gives its permits; null: none. A permit that expires before the
 * timeout would let another job run beside the one that still may.
 */
export function permitIssue(task: Limited, settings: PermitSettings): Issue | null {
  const durationMs = task.concurrency?.durationMs ?? null
  const leastMs = longestMs(task, settings)
  if (durationMs === null || durationMs >= leastMs) return null
  return {
    path: 'tasks',
    message:
      `"${task.name}" has a concurrency.duration of ${formatDuration(durationMs)} and a timeout of ` +
      `${formatDuration(task.timeoutMs as number)}, so another job could run beside one that is within its timeout; ` +
      `use ${leastMs} ms (timeout and shutdownGrace) or more, or leave the duration out`,
  }
}
